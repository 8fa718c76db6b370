; ModuleID = 'softmax.cu'
source_filename = "softmax.cu"
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

; Function Attrs: convergent mustprogress noinline norecurse nounwind
define dso_local ptx_kernel void @_Z7softmaxPKfPfi(ptr noundef readonly captures(none) %0, ptr noundef writeonly captures(none) %1, i32 noundef %2) local_unnamed_addr #0 !dbg !12 {
  %4 = tail call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !dbg !15
  %5 = tail call i32 @llvm.nvvm.read.ptx.sreg.ntid.x(), !dbg !16
  %6 = lshr i32 %5, 5, !dbg !17
  %7 = mul nuw nsw i32 %6, %4, !dbg !18
  %8 = tail call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !dbg !19
  %9 = lshr i32 %8, 5, !dbg !20
  %10 = add nuw nsw i32 %7, %9, !dbg !21
  %11 = and i32 %8, 31, !dbg !22
  %12 = icmp slt i32 %11, %2, !dbg !23
  br i1 %12, label %13, label %15, !dbg !24

13:                                               ; preds = %3
  %14 = mul nsw i32 %2, %10
  br label %37, !dbg !24

15:                                               ; preds = %37, %3
  %16 = phi float [ 0xFFF0000000000000, %3 ], [ %44, %37 ], !dbg !25
  %17 = bitcast float %16 to i32, !dbg !26
  %18 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %17, i32 16, i32 31), !dbg !30
  %19 = bitcast i32 %18 to float, !dbg !31
  %20 = tail call noundef float @llvm.maxnum.f32(float %16, float %19), !dbg !32
  %21 = bitcast float %20 to i32, !dbg !26
  %22 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %21, i32 8, i32 31), !dbg !30
  %23 = bitcast i32 %22 to float, !dbg !31
  %24 = tail call noundef float @llvm.maxnum.f32(float %20, float %23), !dbg !32
  %25 = bitcast float %24 to i32, !dbg !26
  %26 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %25, i32 4, i32 31), !dbg !30
  %27 = bitcast i32 %26 to float, !dbg !31
  %28 = tail call noundef float @llvm.maxnum.f32(float %24, float %27), !dbg !32
  %29 = bitcast float %28 to i32, !dbg !26
  %30 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %29, i32 2, i32 31), !dbg !30
  %31 = bitcast i32 %30 to float, !dbg !31
  %32 = tail call noundef float @llvm.maxnum.f32(float %28, float %31), !dbg !32
  %33 = bitcast float %32 to i32, !dbg !26
  %34 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %33, i32 1, i32 31), !dbg !30
  %35 = bitcast i32 %34 to float, !dbg !31
  %36 = tail call noundef float @llvm.maxnum.f32(float %32, float %35), !dbg !32
  br i1 %12, label %47, label %49, !dbg !35

37:                                               ; preds = %13, %37
  %38 = phi i32 [ %11, %13 ], [ %45, %37 ]
  %39 = phi float [ 0xFFF0000000000000, %13 ], [ %44, %37 ]
  %40 = add nsw i32 %38, %14, !dbg !36
  %41 = sext i32 %40 to i64, !dbg !37
  %42 = getelementptr inbounds float, ptr %0, i64 %41, !dbg !37
  %43 = load float, ptr %42, align 4, !dbg !37, !tbaa !38
  %44 = tail call noundef float @llvm.maxnum.f32(float %39, float %43), !dbg !40
  %45 = add nuw nsw i32 %38, 32, !dbg !42
  %46 = icmp slt i32 %45, %2, !dbg !23
  br i1 %46, label %37, label %15, !dbg !24, !llvm.loop !43

47:                                               ; preds = %15
  %48 = mul nsw i32 %2, %10
  br label %71, !dbg !35

49:                                               ; preds = %71, %15
  %50 = phi float [ 0.000000e+00, %15 ], [ %80, %71 ], !dbg !25
  %51 = bitcast float %50 to i32, !dbg !46
  %52 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %51, i32 16, i32 31), !dbg !48
  %53 = bitcast i32 %52 to float, !dbg !49
  %54 = fadd contract float %50, %53, !dbg !50
  %55 = bitcast float %54 to i32, !dbg !46
  %56 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %55, i32 8, i32 31), !dbg !48
  %57 = bitcast i32 %56 to float, !dbg !49
  %58 = fadd contract float %54, %57, !dbg !50
  %59 = bitcast float %58 to i32, !dbg !46
  %60 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %59, i32 4, i32 31), !dbg !48
  %61 = bitcast i32 %60 to float, !dbg !49
  %62 = fadd contract float %58, %61, !dbg !50
  %63 = bitcast float %62 to i32, !dbg !46
  %64 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %63, i32 2, i32 31), !dbg !48
  %65 = bitcast i32 %64 to float, !dbg !49
  %66 = fadd contract float %62, %65, !dbg !50
  %67 = bitcast float %66 to i32, !dbg !46
  %68 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %67, i32 1, i32 31), !dbg !48
  %69 = bitcast i32 %68 to float, !dbg !49
  %70 = fadd contract float %66, %69, !dbg !50
  br i1 %12, label %83, label %85, !dbg !51

71:                                               ; preds = %47, %71
  %72 = phi i32 [ %11, %47 ], [ %81, %71 ]
  %73 = phi float [ 0.000000e+00, %47 ], [ %80, %71 ]
  %74 = add nsw i32 %72, %48, !dbg !52
  %75 = sext i32 %74 to i64, !dbg !53
  %76 = getelementptr inbounds float, ptr %0, i64 %75, !dbg !53
  %77 = load float, ptr %76, align 4, !dbg !53, !tbaa !38
  %78 = fsub contract float %77, %36, !dbg !54
  %79 = tail call contract float @__nv_expf(float noundef %78) #5, !dbg !55
  %80 = fadd contract float %73, %79, !dbg !56
  %81 = add nuw nsw i32 %72, 32, !dbg !57
  %82 = icmp slt i32 %81, %2, !dbg !58
  br i1 %82, label %71, label %49, !dbg !35, !llvm.loop !59

83:                                               ; preds = %49
  %84 = mul nsw i32 %2, %10
  br label %86, !dbg !51

85:                                               ; preds = %86, %49
  ret void, !dbg !61

86:                                               ; preds = %83, %86
  %87 = phi i32 [ %11, %83 ], [ %96, %86 ]
  %88 = add nsw i32 %87, %84, !dbg !62
  %89 = sext i32 %88 to i64, !dbg !63
  %90 = getelementptr inbounds float, ptr %0, i64 %89, !dbg !63
  %91 = load float, ptr %90, align 4, !dbg !63, !tbaa !38
  %92 = fsub contract float %91, %36, !dbg !64
  %93 = tail call contract float @__nv_expf(float noundef %92) #5, !dbg !65
  %94 = fdiv contract float %93, %70, !dbg !66
  %95 = getelementptr inbounds float, ptr %1, i64 %89, !dbg !67
  store float %94, ptr %95, align 4, !dbg !68, !tbaa !38
  %96 = add nuw nsw i32 %87, 32, !dbg !69
  %97 = icmp slt i32 %96, %2, !dbg !70
  br i1 %97, label %86, label %85, !dbg !51, !llvm.loop !71
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 2147483647) i32 @llvm.nvvm.read.ptx.sreg.ctaid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 1, 1025) i32 @llvm.nvvm.read.ptx.sreg.ntid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 1024) i32 @llvm.nvvm.read.ptx.sreg.tid.x() #1

; Function Attrs: convergent nounwind
declare dso_local float @__nv_expf(float noundef) local_unnamed_addr #2

; Function Attrs: convergent nocallback nounwind memory(inaccessiblemem: readwrite)
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32) #3

; Function Attrs: nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none)
declare float @llvm.maxnum.f32(float, float) #4

attributes #0 = { convergent mustprogress noinline norecurse nounwind "frame-pointer"="all" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="sm_80" "target-features"="+ptx88,+sm_80" "uniform-work-group-size"="true" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { convergent nounwind "frame-pointer"="all" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="sm_80" "target-features"="+ptx88,+sm_80" }
attributes #3 = { convergent nocallback nounwind memory(inaccessiblemem: readwrite) }
attributes #4 = { nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none) }
attributes #5 = { convergent nounwind }

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3, !4, !5, !6}
!llvm.ident = !{!7}
!llvm.errno.tbaa = !{!8}

!0 = distinct !DICompileUnit(language: DW_LANG_C_plus_plus_14, file: !1, producer: "Debian clang version 22.1.8 (1~deb12u1)", isOptimized: true, runtimeVersion: 0, emissionKind: DebugDirectivesOnly, splitDebugInlining: false, nameTableKind: None)
!1 = !DIFile(filename: "softmax.cu", directory: ".")
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
!12 = distinct !DISubprogram(name: "softmax", scope: !1, file: !1, line: 2, type: !13, scopeLine: 2, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!13 = !DISubroutineType(types: !14)
!14 = !{}
!15 = !DILocation(line: 3, column: 13, scope: !12)
!16 = !DILocation(line: 3, column: 27, scope: !12)
!17 = !DILocation(line: 3, column: 38, scope: !12)
!18 = !DILocation(line: 3, column: 24, scope: !12)
!19 = !DILocation(line: 3, column: 46, scope: !12)
!20 = !DILocation(line: 3, column: 58, scope: !12)
!21 = !DILocation(line: 3, column: 44, scope: !12)
!22 = !DILocation(line: 4, column: 26, scope: !12)
!23 = !DILocation(line: 6, column: 24, scope: !12)
!24 = !DILocation(line: 6, column: 3, scope: !12)
!25 = !DILocation(line: 0, scope: !12)
!26 = !DILocation(line: 32, column: 14, scope: !27, inlinedAt: !29)
!27 = distinct !DISubprogram(name: "__shfl_xor_sync", scope: !28, file: !28, line: 31, type: !13, scopeLine: 31, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!28 = !DIFile(filename: "./cuda.h", directory: ".")
!29 = distinct !DILocation(line: 9, column: 28, scope: !12)
!30 = !DILocation(line: 34, column: 29, scope: !27, inlinedAt: !29)
!31 = !DILocation(line: 33, column: 10, scope: !27, inlinedAt: !29)
!32 = !DILocation(line: 42, column: 56, scope: !33, inlinedAt: !34)
!33 = distinct !DISubprogram(name: "max", scope: !28, file: !28, line: 42, type: !13, scopeLine: 42, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!34 = distinct !DILocation(line: 9, column: 15, scope: !12)
!35 = !DILocation(line: 11, column: 3, scope: !12)
!36 = !DILocation(line: 7, column: 48, scope: !12)
!37 = !DILocation(line: 7, column: 28, scope: !12)
!38 = !{!39, !39, i64 0}
!39 = !{!"float", !10, i64 0}
!40 = !DILocation(line: 42, column: 56, scope: !33, inlinedAt: !41)
!41 = distinct !DILocation(line: 7, column: 15, scope: !12)
!42 = !DILocation(line: 6, column: 37, scope: !12)
!43 = distinct !{!43, !24, !44, !45}
!44 = !DILocation(line: 7, column: 52, scope: !12)
!45 = !{!"llvm.loop.mustprogress"}
!46 = !DILocation(line: 32, column: 14, scope: !27, inlinedAt: !47)
!47 = distinct !DILocation(line: 14, column: 12, scope: !12)
!48 = !DILocation(line: 34, column: 29, scope: !27, inlinedAt: !47)
!49 = !DILocation(line: 33, column: 10, scope: !27, inlinedAt: !47)
!50 = !DILocation(line: 14, column: 9, scope: !12)
!51 = !DILocation(line: 15, column: 3, scope: !12)
!52 = !DILocation(line: 12, column: 42, scope: !12)
!53 = !DILocation(line: 12, column: 22, scope: !12)
!54 = !DILocation(line: 12, column: 47, scope: !12)
!55 = !DILocation(line: 12, column: 12, scope: !12)
!56 = !DILocation(line: 12, column: 9, scope: !12)
!57 = !DILocation(line: 11, column: 37, scope: !12)
!58 = !DILocation(line: 11, column: 24, scope: !12)
!59 = distinct !{!59, !35, !60, !45}
!60 = !DILocation(line: 12, column: 56, scope: !12)
!61 = !DILocation(line: 18, column: 1, scope: !12)
!62 = !DILocation(line: 17, column: 39, scope: !12)
!63 = !DILocation(line: 17, column: 19, scope: !12)
!64 = !DILocation(line: 17, column: 44, scope: !12)
!65 = !DILocation(line: 17, column: 9, scope: !12)
!66 = !DILocation(line: 17, column: 55, scope: !12)
!67 = !DILocation(line: 16, column: 5, scope: !12)
!68 = !DILocation(line: 16, column: 31, scope: !12)
!69 = !DILocation(line: 15, column: 37, scope: !12)
!70 = !DILocation(line: 15, column: 24, scope: !12)
!71 = distinct !{!71, !51, !72, !45}
!72 = !DILocation(line: 17, column: 57, scope: !12)
