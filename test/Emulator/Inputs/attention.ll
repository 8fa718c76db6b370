; ModuleID = 'attention.cu'
source_filename = "attention.cu"
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"

@_ZZ9attentionPKtS0_S0_PfifE5tileQ = internal addrspace(3) global [32 x [16 x i16]] undef, align 16
@_ZZ9attentionPKtS0_S0_PfifE5tileK = internal addrspace(3) global [2 x [16 x [16 x i16]]] undef, align 16
@_ZZ9attentionPKtS0_S0_PfifE5tileV = internal addrspace(3) global [2 x [16 x [16 x i16]]] undef, align 16

; Function Attrs: convergent mustprogress noinline norecurse nounwind
define dso_local ptx_kernel void @_Z9attentionPKtS0_S0_Pfif(ptr noundef %0, ptr noundef %1, ptr noundef %2, ptr noundef writeonly captures(none) %3, i32 noundef %4, float noundef %5) local_unnamed_addr #0 !dbg !12 {
  %7 = tail call i32 @llvm.nvvm.read.ptx.sreg.tid.x(), !dbg !15
  %8 = lshr i32 %7, 5, !dbg !16
  %9 = and i32 %7, 31, !dbg !17
  %10 = icmp eq i32 %8, 0, !dbg !18
  %11 = select i1 %10, ptr %1, ptr %2, !dbg !19
  %12 = shl nuw nsw i32 %9, 3, !dbg !20
  %13 = zext nneg i32 %12 to i64, !dbg !21
  %14 = getelementptr inbounds nuw i16, ptr %11, i64 %13, !dbg !21
  %15 = select i1 %10, ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileK to ptr), ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileV to ptr), !dbg !22
  %16 = getelementptr inbounds nuw i16, ptr %15, i64 %13, !dbg !23
  %17 = shl nuw nsw i32 %7, 3, !dbg !24
  %18 = zext nneg i32 %17 to i64, !dbg !25
  %19 = getelementptr inbounds nuw i16, ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileQ to ptr), i64 %18, !dbg !25
  %20 = tail call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x(), !dbg !26
  %21 = shl nsw i32 %20, 9, !dbg !27
  %22 = zext nneg i32 %21 to i64, !dbg !28
  %23 = getelementptr inbounds nuw i16, ptr %0, i64 %22, !dbg !28
  %24 = getelementptr inbounds nuw i16, ptr %23, i64 %18, !dbg !29
  %25 = addrspacecast ptr %19 to ptr addrspace(3), !dbg !30
  %26 = addrspacecast ptr %24 to ptr addrspace(1), !dbg !34
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %25, ptr addrspace(1) %26), !dbg !35
  %27 = addrspacecast ptr %16 to ptr addrspace(3), !dbg !36
  %28 = addrspacecast ptr %14 to ptr addrspace(1), !dbg !38
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %27, ptr addrspace(1) %28), !dbg !39
  tail call void @llvm.nvvm.cp.async.commit.group(), !dbg !40
  %29 = icmp sgt i32 %4, 0, !dbg !41
  %30 = shl nuw nsw i32 %8, 4
  br i1 %29, label %31, label %53, !dbg !42

31:                                               ; preds = %6
  %32 = and i32 %7, 15
  %33 = or disjoint i32 %30, %32
  %34 = zext nneg i32 %33 to i64
  %35 = getelementptr inbounds nuw [16 x i16], ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileQ to ptr), i64 %34
  %36 = lshr i32 %7, 1
  %37 = and i32 %36, 8
  %38 = zext nneg i32 %37 to i64
  %39 = getelementptr inbounds nuw i16, ptr %35, i64 %38
  %40 = addrspacecast ptr %39 to ptr addrspace(3)
  %41 = ptrtoint ptr addrspace(3) %40 to i64
  %42 = trunc i64 %41 to i32
  %43 = and i32 %7, 7
  %44 = or disjoint i32 %37, %43
  %45 = zext nneg i32 %44 to i64
  %46 = getelementptr inbounds nuw [16 x i16], ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileK to ptr), i64 %45, !dbg !42
  %47 = and i32 %7, 8
  %48 = zext nneg i32 %47 to i64
  %49 = getelementptr inbounds nuw i16, ptr %46, i64 %48, !dbg !42
  %50 = zext nneg i32 %32 to i64
  %51 = getelementptr inbounds nuw [16 x i16], ptr addrspacecast (ptr addrspace(3) @_ZZ9attentionPKtS0_S0_PfifE5tileV to ptr), i64 %50, !dbg !42
  %52 = getelementptr inbounds nuw i16, ptr %51, i64 %38, !dbg !42
  br label %108, !dbg !42

53:                                               ; preds = %133, %6
  %54 = phi float [ 0.000000e+00, %6 ], [ %246, %133 ], !dbg !43
  %55 = phi float [ 0.000000e+00, %6 ], [ %247, %133 ], !dbg !43
  %56 = phi float [ 0.000000e+00, %6 ], [ %248, %133 ], !dbg !43
  %57 = phi float [ 0.000000e+00, %6 ], [ %249, %133 ], !dbg !43
  %58 = phi float [ 0.000000e+00, %6 ], [ %251, %133 ], !dbg !43
  %59 = phi float [ 0.000000e+00, %6 ], [ %252, %133 ], !dbg !43
  %60 = phi float [ 0.000000e+00, %6 ], [ %253, %133 ], !dbg !43
  %61 = phi float [ 0.000000e+00, %6 ], [ %254, %133 ], !dbg !43
  %62 = phi float [ 0.000000e+00, %6 ], [ %227, %133 ], !dbg !43
  %63 = phi float [ 0.000000e+00, %6 ], [ %191, %133 ], !dbg !43
  %64 = shl nsw i32 %20, 5
  %65 = add nuw nsw i32 %30, %64
  %66 = lshr i32 %9, 2
  %67 = or disjoint i32 %65, %66, !dbg !44
  %68 = shl nuw nsw i32 %7, 1
  %69 = and i32 %68, 6
  %70 = zext nneg i32 %69 to i64
  %71 = getelementptr inbounds nuw float, ptr %3, i64 %70, !dbg !44
  %72 = bitcast float %63 to i32, !dbg !45
  %73 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %72, i32 1, i32 31), !dbg !48
  %74 = bitcast i32 %73 to float, !dbg !49
  %75 = fadd contract float %63, %74, !dbg !50
  %76 = bitcast float %75 to i32, !dbg !51
  %77 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %76, i32 2, i32 31), !dbg !53
  %78 = bitcast i32 %77 to float, !dbg !54
  %79 = fadd contract float %75, %78, !dbg !55
  %80 = shl i32 %67, 4, !dbg !56
  %81 = zext nneg i32 %80 to i64, !dbg !57
  %82 = getelementptr inbounds nuw float, ptr %71, i64 %81, !dbg !58
  %83 = fdiv contract float %54, %79, !dbg !59
  store float %83, ptr %82, align 4, !dbg !60, !tbaa !61
  %84 = fdiv contract float %55, %79, !dbg !63
  %85 = getelementptr inbounds nuw i8, ptr %82, i64 4, !dbg !64
  store float %84, ptr %85, align 4, !dbg !65, !tbaa !61
  %86 = fdiv contract float %58, %79, !dbg !66
  %87 = getelementptr inbounds nuw i8, ptr %82, i64 32, !dbg !67
  store float %86, ptr %87, align 4, !dbg !68, !tbaa !61
  %88 = fdiv contract float %59, %79, !dbg !69
  %89 = getelementptr inbounds nuw i8, ptr %82, i64 36, !dbg !70
  store float %88, ptr %89, align 4, !dbg !71, !tbaa !61
  %90 = bitcast float %62 to i32, !dbg !45
  %91 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %90, i32 1, i32 31), !dbg !48
  %92 = bitcast i32 %91 to float, !dbg !49
  %93 = fadd contract float %62, %92, !dbg !50
  %94 = bitcast float %93 to i32, !dbg !51
  %95 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %94, i32 2, i32 31), !dbg !53
  %96 = bitcast i32 %95 to float, !dbg !54
  %97 = fadd contract float %93, %96, !dbg !55
  %98 = sext i32 %80 to i64, !dbg !58
  %99 = getelementptr inbounds nuw float, ptr %71, i64 %98, !dbg !58
  %100 = getelementptr inbounds nuw i8, ptr %99, i64 512, !dbg !58
  %101 = fdiv contract float %56, %97, !dbg !59
  store float %101, ptr %100, align 4, !dbg !60, !tbaa !61
  %102 = fdiv contract float %57, %97, !dbg !63
  %103 = getelementptr inbounds nuw i8, ptr %99, i64 516, !dbg !64
  store float %102, ptr %103, align 4, !dbg !65, !tbaa !61
  %104 = fdiv contract float %60, %97, !dbg !66
  %105 = getelementptr inbounds nuw i8, ptr %99, i64 544, !dbg !67
  store float %104, ptr %105, align 4, !dbg !68, !tbaa !61
  %106 = fdiv contract float %61, %97, !dbg !69
  %107 = getelementptr inbounds nuw i8, ptr %99, i64 548, !dbg !70
  store float %106, ptr %107, align 4, !dbg !71, !tbaa !61
  ret void, !dbg !72

108:                                              ; preds = %31, %133
  %109 = phi float [ 0.000000e+00, %31 ], [ %246, %133 ], !dbg !43
  %110 = phi float [ 0.000000e+00, %31 ], [ %247, %133 ], !dbg !43
  %111 = phi float [ 0.000000e+00, %31 ], [ %248, %133 ], !dbg !43
  %112 = phi float [ 0.000000e+00, %31 ], [ %249, %133 ], !dbg !43
  %113 = phi float [ 0.000000e+00, %31 ], [ %251, %133 ], !dbg !43
  %114 = phi float [ 0.000000e+00, %31 ], [ %252, %133 ], !dbg !43
  %115 = phi float [ 0.000000e+00, %31 ], [ %253, %133 ], !dbg !43
  %116 = phi float [ 0.000000e+00, %31 ], [ %254, %133 ], !dbg !43
  %117 = phi float [ 0xFFF0000000000000, %31 ], [ %207, %133 ], !dbg !43
  %118 = phi float [ 0xFFF0000000000000, %31 ], [ %171, %133 ], !dbg !43
  %119 = phi float [ 0.000000e+00, %31 ], [ %227, %133 ], !dbg !43
  %120 = phi float [ 0.000000e+00, %31 ], [ %191, %133 ], !dbg !43
  %121 = phi i32 [ 0, %31 ], [ %122, %133 ]
  %122 = add nuw nsw i32 %121, 1, !dbg !73
  %123 = icmp slt i32 %122, %4, !dbg !74
  br i1 %123, label %124, label %133, !dbg !74

124:                                              ; preds = %108
  %125 = shl i32 %122, 8, !dbg !75
  %126 = and i32 %125, 256, !dbg !75
  %127 = zext nneg i32 %126 to i64, !dbg !76
  %128 = getelementptr inbounds nuw i16, ptr %16, i64 %127, !dbg !76
  %129 = zext nneg i32 %125 to i64, !dbg !77
  %130 = getelementptr inbounds nuw i16, ptr %14, i64 %129, !dbg !77
  %131 = addrspacecast ptr %128 to ptr addrspace(3), !dbg !78
  %132 = addrspacecast ptr %130 to ptr addrspace(1), !dbg !80
  tail call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %131, ptr addrspace(1) %132), !dbg !81
  br label %133, !dbg !82

133:                                              ; preds = %124, %108
  tail call void @llvm.nvvm.cp.async.commit.group(), !dbg !83
  tail call void @llvm.nvvm.cp.async.wait.group(i32 1), !dbg !84
  tail call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0), !dbg !85
  %134 = tail call { i32, i32, i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$0,$1,$2,$3}, [$4];", "=r,=r,=r,=r,r"(i32 %42) #8, !dbg !86, !srcloc !89
  %135 = extractvalue { i32, i32, i32, i32 } %134, 0, !dbg !86
  %136 = extractvalue { i32, i32, i32, i32 } %134, 1, !dbg !86
  %137 = extractvalue { i32, i32, i32, i32 } %134, 2, !dbg !86
  %138 = extractvalue { i32, i32, i32, i32 } %134, 3, !dbg !86
  %139 = and i32 %121, 1, !dbg !90
  %140 = zext nneg i32 %139 to i64, !dbg !91
  %141 = getelementptr inbounds nuw [16 x [16 x i16]], ptr %49, i64 %140, !dbg !91
  %142 = addrspacecast ptr %141 to ptr addrspace(3), !dbg !92
  %143 = ptrtoint ptr addrspace(3) %142 to i64, !dbg !96
  %144 = trunc i64 %143 to i32, !dbg !96
  %145 = tail call { i32, i32, i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$0,$1,$2,$3}, [$4];", "=r,=r,=r,=r,r"(i32 %144) #8, !dbg !97, !srcloc !89
  %146 = extractvalue { i32, i32, i32, i32 } %145, 0, !dbg !97
  %147 = extractvalue { i32, i32, i32, i32 } %145, 1, !dbg !97
  %148 = extractvalue { i32, i32, i32, i32 } %145, 2, !dbg !97
  %149 = extractvalue { i32, i32, i32, i32 } %145, 3, !dbg !97
  %150 = tail call contract { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %135, i32 %136, i32 %137, i32 %138, i32 %146, i32 %147, float 0.000000e+00, float 0.000000e+00, float 0.000000e+00, float 0.000000e+00) #8, !dbg !98, !srcloc !101
  %151 = extractvalue { float, float, float, float } %150, 0, !dbg !98
  %152 = extractvalue { float, float, float, float } %150, 1, !dbg !98
  %153 = extractvalue { float, float, float, float } %150, 2, !dbg !98
  %154 = extractvalue { float, float, float, float } %150, 3, !dbg !98
  %155 = tail call contract { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %135, i32 %136, i32 %137, i32 %138, i32 %148, i32 %149, float 0.000000e+00, float 0.000000e+00, float 0.000000e+00, float 0.000000e+00) #8, !dbg !102, !srcloc !101
  %156 = extractvalue { float, float, float, float } %155, 0, !dbg !102
  %157 = extractvalue { float, float, float, float } %155, 1, !dbg !102
  %158 = extractvalue { float, float, float, float } %155, 2, !dbg !102
  %159 = extractvalue { float, float, float, float } %155, 3, !dbg !102
  %160 = tail call noundef float @llvm.maxnum.f32(float %151, float %152), !dbg !104
  %161 = tail call noundef float @llvm.maxnum.f32(float %156, float %157), !dbg !107
  %162 = tail call noundef float @llvm.maxnum.f32(float %160, float %161), !dbg !109
  %163 = bitcast float %162 to i32, !dbg !111
  %164 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %163, i32 1, i32 31), !dbg !113
  %165 = bitcast i32 %164 to float, !dbg !114
  %166 = tail call noundef float @llvm.maxnum.f32(float %162, float %165), !dbg !115
  %167 = bitcast float %166 to i32, !dbg !117
  %168 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %167, i32 2, i32 31), !dbg !119
  %169 = bitcast i32 %168 to float, !dbg !120
  %170 = tail call noundef float @llvm.maxnum.f32(float %166, float %169), !dbg !121
  %171 = tail call noundef float @llvm.maxnum.f32(float %170, float %118), !dbg !123
  %172 = fsub contract float %118, %171, !dbg !125
  %173 = fmul contract float %5, %172, !dbg !126
  %174 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %173), !dbg !127
  %175 = fsub contract float %151, %171, !dbg !130
  %176 = fmul contract float %5, %175, !dbg !131
  %177 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %176), !dbg !132
  %178 = fsub contract float %152, %171, !dbg !134
  %179 = fmul contract float %5, %178, !dbg !135
  %180 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %179), !dbg !136
  %181 = fsub contract float %156, %171, !dbg !138
  %182 = fmul contract float %5, %181, !dbg !139
  %183 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %182), !dbg !140
  %184 = fsub contract float %157, %171, !dbg !142
  %185 = fmul contract float %5, %184, !dbg !143
  %186 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %185), !dbg !144
  %187 = fmul contract float %174, %120, !dbg !146
  %188 = fadd contract float %177, %187, !dbg !147
  %189 = fadd contract float %180, %188, !dbg !148
  %190 = fadd contract float %183, %189, !dbg !149
  %191 = fadd contract float %186, %190, !dbg !150
  %192 = fmul contract float %174, %109, !dbg !151
  %193 = fmul contract float %174, %110, !dbg !152
  %194 = fmul contract float %174, %113, !dbg !153
  %195 = fmul contract float %174, %114, !dbg !154
  %196 = tail call noundef float @llvm.maxnum.f32(float %153, float %154), !dbg !104
  %197 = tail call noundef float @llvm.maxnum.f32(float %158, float %159), !dbg !107
  %198 = tail call noundef float @llvm.maxnum.f32(float %196, float %197), !dbg !109
  %199 = bitcast float %198 to i32, !dbg !111
  %200 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %199, i32 1, i32 31), !dbg !113
  %201 = bitcast i32 %200 to float, !dbg !114
  %202 = tail call noundef float @llvm.maxnum.f32(float %198, float %201), !dbg !115
  %203 = bitcast float %202 to i32, !dbg !117
  %204 = tail call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %203, i32 2, i32 31), !dbg !119
  %205 = bitcast i32 %204 to float, !dbg !120
  %206 = tail call noundef float @llvm.maxnum.f32(float %202, float %205), !dbg !121
  %207 = tail call noundef float @llvm.maxnum.f32(float %206, float %117), !dbg !123
  %208 = fsub contract float %117, %207, !dbg !125
  %209 = fmul contract float %5, %208, !dbg !126
  %210 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %209), !dbg !127
  %211 = fsub contract float %153, %207, !dbg !130
  %212 = fmul contract float %5, %211, !dbg !131
  %213 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %212), !dbg !132
  %214 = fsub contract float %154, %207, !dbg !134
  %215 = fmul contract float %5, %214, !dbg !135
  %216 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %215), !dbg !136
  %217 = fsub contract float %158, %207, !dbg !138
  %218 = fmul contract float %5, %217, !dbg !139
  %219 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %218), !dbg !140
  %220 = fsub contract float %159, %207, !dbg !142
  %221 = fmul contract float %5, %220, !dbg !143
  %222 = tail call contract noundef float @llvm.nvvm.ex2.approx.ftz.f32(float %221), !dbg !144
  %223 = fmul contract float %210, %119, !dbg !146
  %224 = fadd contract float %213, %223, !dbg !147
  %225 = fadd contract float %216, %224, !dbg !148
  %226 = fadd contract float %219, %225, !dbg !149
  %227 = fadd contract float %222, %226, !dbg !150
  %228 = fmul contract float %210, %111, !dbg !151
  %229 = fmul contract float %210, %112, !dbg !152
  %230 = fmul contract float %210, %115, !dbg !153
  %231 = fmul contract float %210, %116, !dbg !154
  %232 = tail call noundef i32 asm "cvt.rn.bf16x2.f32 $0, $1, $2;", "=r,f,f"(float %180, float %177) #9, !dbg !155, !srcloc !158
  %233 = tail call noundef i32 asm "cvt.rn.bf16x2.f32 $0, $1, $2;", "=r,f,f"(float %216, float %213) #9, !dbg !159, !srcloc !158
  %234 = tail call noundef i32 asm "cvt.rn.bf16x2.f32 $0, $1, $2;", "=r,f,f"(float %186, float %183) #9, !dbg !161, !srcloc !158
  %235 = tail call noundef i32 asm "cvt.rn.bf16x2.f32 $0, $1, $2;", "=r,f,f"(float %222, float %219) #9, !dbg !163, !srcloc !158
  %236 = getelementptr inbounds nuw [16 x [16 x i16]], ptr %52, i64 %140, !dbg !165
  %237 = addrspacecast ptr %236 to ptr addrspace(3), !dbg !166
  %238 = ptrtoint ptr addrspace(3) %237 to i64, !dbg !170
  %239 = trunc i64 %238 to i32, !dbg !170
  %240 = tail call { i32, i32, i32, i32 } asm sideeffect "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {$0,$1,$2,$3}, [$4];", "=r,=r,=r,=r,r"(i32 %239) #8, !dbg !171, !srcloc !172
  %241 = extractvalue { i32, i32, i32, i32 } %240, 0, !dbg !171
  %242 = extractvalue { i32, i32, i32, i32 } %240, 1, !dbg !171
  %243 = extractvalue { i32, i32, i32, i32 } %240, 2, !dbg !171
  %244 = extractvalue { i32, i32, i32, i32 } %240, 3, !dbg !171
  %245 = tail call contract { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %232, i32 %233, i32 %234, i32 %235, i32 %241, i32 %242, float %192, float %193, float %228, float %229) #8, !dbg !173, !srcloc !101
  %246 = extractvalue { float, float, float, float } %245, 0, !dbg !173
  %247 = extractvalue { float, float, float, float } %245, 1, !dbg !173
  %248 = extractvalue { float, float, float, float } %245, 2, !dbg !173
  %249 = extractvalue { float, float, float, float } %245, 3, !dbg !173
  %250 = tail call contract { float, float, float, float } asm sideeffect "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$0,$1,$2,$3}, {$4,$5,$6,$7}, {$8,$9}, {$0,$1,$2,$3};", "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3"(i32 %232, i32 %233, i32 %234, i32 %235, i32 %243, i32 %244, float %194, float %195, float %230, float %231) #8, !dbg !175, !srcloc !101
  %251 = extractvalue { float, float, float, float } %250, 0, !dbg !175
  %252 = extractvalue { float, float, float, float } %250, 1, !dbg !175
  %253 = extractvalue { float, float, float, float } %250, 2, !dbg !175
  %254 = extractvalue { float, float, float, float } %250, 3, !dbg !175
  tail call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0), !dbg !177
  %255 = icmp eq i32 %122, %4, !dbg !41
  br i1 %255, label %53, label %108, !dbg !42, !llvm.loop !178
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 1024) i32 @llvm.nvvm.read.ptx.sreg.tid.x() #1

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare noundef range(i32 0, 2147483647) i32 @llvm.nvvm.read.ptx.sreg.ctaid.x() #1

; Function Attrs: nounwind
declare void @llvm.nvvm.cp.async.commit.group() #2

; Function Attrs: nounwind
declare void @llvm.nvvm.cp.async.wait.group(i32 immarg) #2

; Function Attrs: convergent nocallback nounwind
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32) #3

; Function Attrs: nocallback nounwind memory(argmem: readwrite)
declare void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) noalias writeonly, ptr addrspace(1) noalias readonly) #4

; Function Attrs: convergent nocallback nounwind memory(inaccessiblemem: readwrite)
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32) #5

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(none)
declare float @llvm.nvvm.ex2.approx.ftz.f32(float) #6

; Function Attrs: nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none)
declare float @llvm.maxnum.f32(float, float) #7

attributes #0 = { convergent mustprogress noinline norecurse nounwind "frame-pointer"="all" "no-trapping-math"="true" "stack-protector-buffer-size"="8" "target-cpu"="sm_80" "target-features"="+ptx88,+sm_80" "uniform-work-group-size"="true" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #2 = { nounwind }
attributes #3 = { convergent nocallback nounwind }
attributes #4 = { nocallback nounwind memory(argmem: readwrite) }
attributes #5 = { convergent nocallback nounwind memory(inaccessiblemem: readwrite) }
attributes #6 = { mustprogress nocallback nofree nosync nounwind willreturn memory(none) }
attributes #7 = { nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none) }
attributes #8 = { convergent nounwind }
attributes #9 = { convergent nounwind memory(none) }

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3, !4, !5, !6}
!llvm.ident = !{!7}
!llvm.errno.tbaa = !{!8}

!0 = distinct !DICompileUnit(language: DW_LANG_C_plus_plus_14, file: !1, producer: "Debian clang version 22.1.8 (1~deb12u1)", isOptimized: true, runtimeVersion: 0, emissionKind: DebugDirectivesOnly, splitDebugInlining: false, nameTableKind: None)
!1 = !DIFile(filename: "attention.cu", directory: ".")
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
!12 = distinct !DISubprogram(name: "attention", scope: !1, file: !1, line: 5, type: !13, scopeLine: 7, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!13 = !DISubroutineType(types: !14)
!14 = !{}
!15 = !DILocation(line: 11, column: 16, scope: !12)
!16 = !DILocation(line: 11, column: 43, scope: !12)
!17 = !DILocation(line: 11, column: 63, scope: !12)
!18 = !DILocation(line: 12, column: 40, scope: !12)
!19 = !DILocation(line: 12, column: 35, scope: !12)
!20 = !DILocation(line: 12, column: 61, scope: !12)
!21 = !DILocation(line: 12, column: 54, scope: !12)
!22 = !DILocation(line: 14, column: 8, scope: !12)
!23 = !DILocation(line: 14, column: 55, scope: !12)
!24 = !DILocation(line: 16, column: 37, scope: !12)
!25 = !DILocation(line: 16, column: 28, scope: !12)
!26 = !DILocation(line: 16, column: 46, scope: !12)
!27 = !DILocation(line: 16, column: 57, scope: !12)
!28 = !DILocation(line: 16, column: 44, scope: !12)
!29 = !DILocation(line: 16, column: 63, scope: !12)
!30 = !DILocation(line: 53, column: 54, scope: !31, inlinedAt: !33)
!31 = distinct !DISubprogram(name: "copyAsync16", scope: !32, file: !32, line: 52, type: !13, scopeLine: 52, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!32 = !DIFile(filename: "./cuda.h", directory: ".")
!33 = distinct !DILocation(line: 16, column: 3, scope: !12)
!34 = !DILocation(line: 54, column: 60, scope: !31, inlinedAt: !33)
!35 = !DILocation(line: 53, column: 3, scope: !31, inlinedAt: !33)
!36 = !DILocation(line: 53, column: 54, scope: !31, inlinedAt: !37)
!37 = distinct !DILocation(line: 17, column: 3, scope: !12)
!38 = !DILocation(line: 54, column: 60, scope: !31, inlinedAt: !37)
!39 = !DILocation(line: 53, column: 3, scope: !31, inlinedAt: !37)
!40 = !DILocation(line: 18, column: 3, scope: !12)
!41 = !DILocation(line: 23, column: 27, scope: !12)
!42 = !DILocation(line: 23, column: 3, scope: !12)
!43 = !DILocation(line: 0, scope: !12)
!44 = !DILocation(line: 70, column: 3, scope: !12)
!45 = !DILocation(line: 32, column: 14, scope: !46, inlinedAt: !47)
!46 = distinct !DISubprogram(name: "__shfl_xor_sync", scope: !32, file: !32, line: 31, type: !13, scopeLine: 31, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!47 = distinct !DILocation(line: 71, column: 17, scope: !12)
!48 = !DILocation(line: 34, column: 29, scope: !46, inlinedAt: !47)
!49 = !DILocation(line: 33, column: 10, scope: !46, inlinedAt: !47)
!50 = !DILocation(line: 71, column: 14, scope: !12)
!51 = !DILocation(line: 32, column: 14, scope: !46, inlinedAt: !52)
!52 = distinct !DILocation(line: 72, column: 17, scope: !12)
!53 = !DILocation(line: 34, column: 29, scope: !46, inlinedAt: !52)
!54 = !DILocation(line: 33, column: 10, scope: !46, inlinedAt: !52)
!55 = !DILocation(line: 72, column: 14, scope: !12)
!56 = !DILocation(line: 73, column: 73, scope: !12)
!57 = !DILocation(line: 73, column: 20, scope: !12)
!58 = !DILocation(line: 73, column: 78, scope: !12)
!59 = !DILocation(line: 75, column: 26, scope: !12)
!60 = !DILocation(line: 75, column: 10, scope: !12)
!61 = !{!62, !62, i64 0}
!62 = !{!"float", !10, i64 0}
!63 = !DILocation(line: 76, column: 30, scope: !12)
!64 = !DILocation(line: 76, column: 5, scope: !12)
!65 = !DILocation(line: 76, column: 10, scope: !12)
!66 = !DILocation(line: 77, column: 26, scope: !12)
!67 = !DILocation(line: 77, column: 5, scope: !12)
!68 = !DILocation(line: 77, column: 10, scope: !12)
!69 = !DILocation(line: 78, column: 30, scope: !12)
!70 = !DILocation(line: 78, column: 5, scope: !12)
!71 = !DILocation(line: 78, column: 10, scope: !12)
!72 = !DILocation(line: 80, column: 1, scope: !12)
!73 = !DILocation(line: 24, column: 14, scope: !12)
!74 = !DILocation(line: 24, column: 18, scope: !12)
!75 = !DILocation(line: 25, column: 43, scope: !12)
!76 = !DILocation(line: 25, column: 26, scope: !12)
!77 = !DILocation(line: 25, column: 57, scope: !12)
!78 = !DILocation(line: 53, column: 54, scope: !31, inlinedAt: !79)
!79 = distinct !DILocation(line: 25, column: 7, scope: !12)
!80 = !DILocation(line: 54, column: 60, scope: !31, inlinedAt: !79)
!81 = !DILocation(line: 53, column: 3, scope: !31, inlinedAt: !79)
!82 = !DILocation(line: 25, column: 7, scope: !12)
!83 = !DILocation(line: 26, column: 5, scope: !12)
!84 = !DILocation(line: 27, column: 5, scope: !12)
!85 = !DILocation(line: 28, column: 5, scope: !12)
!86 = !DILocation(line: 64, column: 3, scope: !87, inlinedAt: !88)
!87 = distinct !DISubprogram(name: "loadMatrices", scope: !32, file: !32, line: 63, type: !13, scopeLine: 63, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!88 = distinct !DILocation(line: 33, column: 5, scope: !12)
!89 = !{i64 41149}
!90 = !DILocation(line: 35, column: 30, scope: !12)
!91 = !DILocation(line: 35, column: 19, scope: !12)
!92 = !DILocation(line: 60, column: 61, scope: !93, inlinedAt: !94)
!93 = distinct !DISubprogram(name: "sharedAddress", scope: !32, file: !32, line: 59, type: !13, scopeLine: 59, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!94 = distinct !DILocation(line: 66, column: 22, scope: !87, inlinedAt: !95)
!95 = distinct !DILocation(line: 34, column: 5, scope: !12)
!96 = !DILocation(line: 60, column: 20, scope: !93, inlinedAt: !94)
!97 = !DILocation(line: 64, column: 3, scope: !87, inlinedAt: !95)
!98 = !DILocation(line: 78, column: 3, scope: !99, inlinedAt: !100)
!99 = distinct !DISubprogram(name: "multiply", scope: !32, file: !32, line: 76, type: !13, scopeLine: 77, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!100 = distinct !DILocation(line: 37, column: 5, scope: !12)
!101 = !{i64 41728}
!102 = !DILocation(line: 78, column: 3, scope: !99, inlinedAt: !103)
!103 = distinct !DILocation(line: 38, column: 5, scope: !12)
!104 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !106)
!105 = distinct !DISubprogram(name: "max", scope: !32, file: !32, line: 42, type: !13, scopeLine: 42, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!106 = distinct !DILocation(line: 43, column: 23, scope: !12)
!107 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !108)
!108 = distinct !DILocation(line: 43, column: 40, scope: !12)
!109 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !110)
!110 = distinct !DILocation(line: 43, column: 19, scope: !12)
!111 = !DILocation(line: 32, column: 14, scope: !46, inlinedAt: !112)
!112 = distinct !DILocation(line: 44, column: 22, scope: !12)
!113 = !DILocation(line: 34, column: 29, scope: !46, inlinedAt: !112)
!114 = !DILocation(line: 33, column: 10, scope: !46, inlinedAt: !112)
!115 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !116)
!116 = distinct !DILocation(line: 44, column: 13, scope: !12)
!117 = !DILocation(line: 32, column: 14, scope: !46, inlinedAt: !118)
!118 = distinct !DILocation(line: 45, column: 22, scope: !12)
!119 = !DILocation(line: 34, column: 29, scope: !46, inlinedAt: !118)
!120 = !DILocation(line: 33, column: 10, scope: !46, inlinedAt: !118)
!121 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !122)
!122 = distinct !DILocation(line: 45, column: 13, scope: !12)
!123 = !DILocation(line: 42, column: 56, scope: !105, inlinedAt: !124)
!124 = distinct !DILocation(line: 46, column: 13, scope: !12)
!125 = !DILocation(line: 47, column: 41, scope: !12)
!126 = !DILocation(line: 47, column: 48, scope: !12)
!127 = !DILocation(line: 90, column: 48, scope: !128, inlinedAt: !129)
!128 = distinct !DISubprogram(name: "exp2", scope: !32, file: !32, line: 90, type: !13, scopeLine: 90, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!129 = distinct !DILocation(line: 47, column: 22, scope: !12)
!130 = !DILocation(line: 49, column: 25, scope: !12)
!131 = !DILocation(line: 49, column: 32, scope: !12)
!132 = !DILocation(line: 90, column: 48, scope: !128, inlinedAt: !133)
!133 = distinct !DILocation(line: 49, column: 14, scope: !12)
!134 = !DILocation(line: 50, column: 25, scope: !12)
!135 = !DILocation(line: 50, column: 32, scope: !12)
!136 = !DILocation(line: 90, column: 48, scope: !128, inlinedAt: !137)
!137 = distinct !DILocation(line: 50, column: 14, scope: !12)
!138 = !DILocation(line: 51, column: 25, scope: !12)
!139 = !DILocation(line: 51, column: 32, scope: !12)
!140 = !DILocation(line: 90, column: 48, scope: !128, inlinedAt: !141)
!141 = distinct !DILocation(line: 51, column: 14, scope: !12)
!142 = !DILocation(line: 52, column: 25, scope: !12)
!143 = !DILocation(line: 52, column: 32, scope: !12)
!144 = !DILocation(line: 90, column: 48, scope: !128, inlinedAt: !145)
!145 = distinct !DILocation(line: 52, column: 14, scope: !12)
!146 = !DILocation(line: 53, column: 27, scope: !12)
!147 = !DILocation(line: 53, column: 36, scope: !12)
!148 = !DILocation(line: 53, column: 43, scope: !12)
!149 = !DILocation(line: 53, column: 50, scope: !12)
!150 = !DILocation(line: 53, column: 57, scope: !12)
!151 = !DILocation(line: 54, column: 21, scope: !12)
!152 = !DILocation(line: 55, column: 25, scope: !12)
!153 = !DILocation(line: 56, column: 21, scope: !12)
!154 = !DILocation(line: 57, column: 25, scope: !12)
!155 = !DILocation(line: 86, column: 3, scope: !156, inlinedAt: !157)
!156 = distinct !DISubprogram(name: "pack", scope: !32, file: !32, line: 84, type: !13, scopeLine: 84, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!157 = distinct !DILocation(line: 61, column: 22, scope: !12)
!158 = !{i64 42083}
!159 = !DILocation(line: 86, column: 3, scope: !156, inlinedAt: !160)
!160 = distinct !DILocation(line: 61, column: 42, scope: !12)
!161 = !DILocation(line: 86, column: 3, scope: !156, inlinedAt: !162)
!162 = distinct !DILocation(line: 61, column: 62, scope: !12)
!163 = !DILocation(line: 86, column: 3, scope: !156, inlinedAt: !164)
!164 = distinct !DILocation(line: 62, column: 22, scope: !12)
!165 = !DILocation(line: 64, column: 24, scope: !12)
!166 = !DILocation(line: 60, column: 61, scope: !93, inlinedAt: !167)
!167 = distinct !DILocation(line: 73, column: 13, scope: !168, inlinedAt: !169)
!168 = distinct !DISubprogram(name: "loadTransposed", scope: !32, file: !32, line: 69, type: !13, scopeLine: 69, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!169 = distinct !DILocation(line: 64, column: 5, scope: !12)
!170 = !DILocation(line: 60, column: 20, scope: !93, inlinedAt: !167)
!171 = !DILocation(line: 70, column: 3, scope: !168, inlinedAt: !169)
!172 = !{i64 41420}
!173 = !DILocation(line: 78, column: 3, scope: !99, inlinedAt: !174)
!174 = distinct !DILocation(line: 65, column: 5, scope: !12)
!175 = !DILocation(line: 78, column: 3, scope: !99, inlinedAt: !176)
!176 = distinct !DILocation(line: 66, column: 5, scope: !12)
!177 = !DILocation(line: 67, column: 5, scope: !12)
!178 = distinct !{!178, !42, !179, !180, !181}
!179 = !DILocation(line: 68, column: 3, scope: !12)
!180 = !{!"llvm.loop.mustprogress"}
!181 = !{!"llvm.loop.unroll.disable"}
