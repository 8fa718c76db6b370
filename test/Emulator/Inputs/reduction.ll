; ModuleID = 'reduction.cu'
source_filename = "reduction.cu"
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

@_ZZ9reductionPKfPfiE7partial = internal unnamed_addr addrspace(3) global [128 x float] undef, align 4

; Function Attrs: convergent mustprogress noinline norecurse nounwind
define dso_local ptx_kernel void @_Z9reductionPKfPfi(ptr noundef readonly captures(none) %0, ptr noundef captures(none) %1, i32 noundef %2) local_unnamed_addr #0 !dbg !12 {
  %4 = tail call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !dbg !15
  %5 = tail call i32 @llvm.nvvm.read.ptx.sreg.ntid.x(), !dbg !16
  %6 = mul nuw nsw i32 %4, %5, !dbg !17
  %7 = tail call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !dbg !18
  %8 = add nuw nsw i32 %6, %7, !dbg !19
  %9 = icmp slt i32 %8, %2, !dbg !20
  br i1 %9, label %10, label %13, !dbg !21

10:                                               ; preds = %3
  %11 = tail call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %12 = mul nuw nsw i32 %5, %11
  br label %19, !dbg !21

13:                                               ; preds = %19, %3
  %14 = phi float [ 0.000000e+00, %3 ], [ %25, %19 ], !dbg !22
  %15 = zext nneg i32 %7 to i64, !dbg !23
  %16 = getelementptr inbounds nuw float, ptr addrspacecast (ptr addrspace(3) @_ZZ9reductionPKfPfiE7partial to ptr), i64 %15, !dbg !23
  store float %14, ptr %16, align 4, !dbg !24, !tbaa !25
  tail call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0), !dbg !27
  %17 = lshr i32 %5, 1, !dbg !28
  %18 = icmp eq i32 %17, 0, !dbg !29
  br i1 %18, label %28, label %30, !dbg !30

19:                                               ; preds = %10, %19
  %20 = phi i32 [ %8, %10 ], [ %26, %19 ]
  %21 = phi float [ 0.000000e+00, %10 ], [ %25, %19 ]
  %22 = zext nneg i32 %20 to i64, !dbg !31
  %23 = getelementptr inbounds nuw float, ptr %0, i64 %22, !dbg !31
  %24 = load float, ptr %23, align 4, !dbg !31, !tbaa !25
  %25 = fadd contract float %21, %24, !dbg !32
  %26 = add nuw nsw i32 %20, %12, !dbg !33
  %27 = icmp slt i32 %26, %2, !dbg !20
  br i1 %27, label %19, label %13, !dbg !21, !llvm.loop !34

28:                                               ; preds = %40, %13
  %29 = icmp eq i32 %7, 0, !dbg !37
  br i1 %29, label %43, label %46, !dbg !37

30:                                               ; preds = %13, %40
  %31 = phi i32 [ %41, %40 ], [ %17, %13 ]
  %32 = icmp samesign ult i32 %7, %31, !dbg !38
  br i1 %32, label %33, label %40, !dbg !38

33:                                               ; preds = %30
  %34 = add nuw nsw i32 %31, %7
  %35 = zext nneg i32 %34 to i64
  %36 = getelementptr inbounds nuw float, ptr addrspacecast (ptr addrspace(3) @_ZZ9reductionPKfPfiE7partial to ptr), i64 %35
  %37 = load float, ptr %36, align 4, !dbg !39, !tbaa !25
  %38 = load float, ptr %16, align 4, !dbg !40, !tbaa !25
  %39 = fadd contract float %37, %38, !dbg !40
  store float %39, ptr %16, align 4, !dbg !40, !tbaa !25
  br label %40, !dbg !41

40:                                               ; preds = %33, %30
  tail call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0), !dbg !42
  %41 = lshr i32 %31, 1, !dbg !28
  %42 = icmp eq i32 %41, 0, !dbg !29
  br i1 %42, label %28, label %30, !dbg !30, !llvm.loop !43

43:                                               ; preds = %28
  %44 = load float, ptr addrspacecast (ptr addrspace(3) @_ZZ9reductionPKfPfiE7partial to ptr), align 4, !dbg !45, !tbaa !25
  %45 = atomicrmw fadd ptr %1, float %44 monotonic, align 4, !dbg !46
  br label %46, !dbg !50

46:                                               ; preds = %43, %28
  ret void, !dbg !51
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 2147483647) i32 @llvm.nvvm.read.ptx.sreg.ctaid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 1, 1025) i32 @llvm.nvvm.read.ptx.sreg.ntid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 1024) i32 @llvm.nvvm.read.ptx.sreg.tid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 1, -2147483648) i32 @llvm.nvvm.read.ptx.sreg.nctaid.x() #1

; Function Attrs: convergent nocallback nounwind
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32) #2

attributes #0 = { convergent mustprogress noinline norecurse nounwind "frame-pointer"="all" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="sm_80" "target-features"="+ptx88,+sm_80" "uniform-work-group-size"="true" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { convergent nocallback nounwind }

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3, !4, !5, !6}
!llvm.ident = !{!7}
!llvm.errno.tbaa = !{!8}

!0 = distinct !DICompileUnit(language: DW_LANG_C_plus_plus_14, file: !1, producer: "Debian clang version 22.1.8 (1~deb12u1)", isOptimized: true, runtimeVersion: 0, emissionKind: DebugDirectivesOnly, splitDebugInlining: false, nameTableKind: None)
!1 = !DIFile(filename: "reduction.cu", directory: ".")
!2 = !{i32 7, !"Dwarf Version", i32 2}
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = !{i32 1, !"wchar_size", i32 4}
!5 = !{i32 4, !"nvvm-reflect-ftz", i32 0}
!6 = !{i32 7, !"frame-pointer", i32 2}
!7 = !{!"Debian clang version 22.1.8 (1~deb12u1)"}
!8 = !{!9, !9, i64 0}
!9 = !{!"int", !10, i64 0}
!10 = !{!"omnipotent char", !11, i64 0}
!11 = !{!"Simple C++ TBAA"}
!12 = distinct !DISubprogram(name: "reduction", scope: !1, file: !1, line: 3, type: !13, scopeLine: 3, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!13 = !DISubroutineType(types: !14)
!14 = !{}
!15 = !DILocation(line: 6, column: 16, scope: !12)
!16 = !DILocation(line: 6, column: 29, scope: !12)
!17 = !DILocation(line: 6, column: 27, scope: !12)
!18 = !DILocation(line: 6, column: 42, scope: !12)
!19 = !DILocation(line: 6, column: 40, scope: !12)
!20 = !DILocation(line: 6, column: 57, scope: !12)
!21 = !DILocation(line: 6, column: 3, scope: !12)
!22 = !DILocation(line: 0, scope: !12)
!23 = !DILocation(line: 9, column: 3, scope: !12)
!24 = !DILocation(line: 9, column: 24, scope: !12)
!25 = !{!26, !26, i64 0}
!26 = !{!"float", !10, i64 0}
!27 = !DILocation(line: 10, column: 3, scope: !12)
!28 = !DILocation(line: 11, scope: !12)
!29 = !DILocation(line: 11, column: 40, scope: !12)
!30 = !DILocation(line: 11, column: 3, scope: !12)
!31 = !DILocation(line: 8, column: 12, scope: !12)
!32 = !DILocation(line: 8, column: 9, scope: !12)
!33 = !DILocation(line: 7, column: 10, scope: !12)
!34 = distinct !{!34, !21, !35, !36}
!35 = !DILocation(line: 8, column: 19, scope: !12)
!36 = !{!"llvm.loop.mustprogress"}
!37 = !DILocation(line: 16, column: 19, scope: !12)
!38 = !DILocation(line: 12, column: 21, scope: !12)
!39 = !DILocation(line: 13, column: 31, scope: !12)
!40 = !DILocation(line: 13, column: 28, scope: !12)
!41 = !DILocation(line: 13, column: 7, scope: !12)
!42 = !DILocation(line: 14, column: 5, scope: !12)
!43 = distinct !{!43, !30, !44, !36}
!44 = !DILocation(line: 15, column: 3, scope: !12)
!45 = !DILocation(line: 17, column: 23, scope: !12)
!46 = !DILocation(line: 38, column: 10, scope: !47, inlinedAt: !49)
!47 = distinct !DISubprogram(name: "atomicAdd", scope: !48, file: !48, line: 37, type: !13, scopeLine: 37, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!48 = !DIFile(filename: "./cuda.h", directory: ".")
!49 = distinct !DILocation(line: 17, column: 5, scope: !12)
!50 = !DILocation(line: 17, column: 5, scope: !12)
!51 = !DILocation(line: 18, column: 1, scope: !12)
