// RUN: nsa-opt %s --convert-nsa-tile-to-nvvm --canonicalize --cse --split-input-file | FileCheck %s

!tile = memref<2x32x128xbf16, #nsa_tile.swizzle<128>, #gpu.address_space<workgroup>>

// 128 threads copy 16 rows at a time, 8 lanes the same 128 bytes of a row; 256
// bytes a row, so that each thread copies twice. The swizzle of a thread's rows is
// computed once.
// CHECK-LABEL: func @rows
// CHECK-SAME:    %[[SOURCE:.*]]: memref<?x128xbf16>, %[[SLOT:.*]]: i32
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : i32
// CHECK-DAG:     %[[C7:.*]] = arith.constant 7 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK-DAG:     %[[C32:.*]] = arith.constant 32 : i32
// CHECK-DAG:     %[[C256:.*]] = arith.constant 256 : i32
// CHECK-DAG:     %[[STAGE:.*]] = arith.constant 8192 : i32
// CHECK:         %[[TILE:.*]] = llvm.extractvalue {{.*}} !llvm.struct<(ptr<3>, ptr<3>,
// CHECK:         %[[X:.*]] = gpu.thread_id x upper_bound 32
// CHECK:         %[[LANE:.*]] = arith.index_cast %[[X]]
// CHECK:         %[[Y:.*]] = gpu.thread_id y
// CHECK:         %[[WARP:.*]] = arith.index_cast %[[Y]]
// CHECK:         %[[BEFORE:.*]] = arith.muli %[[WARP]], %[[C32]]
// CHECK:         %[[THREAD:.*]] = arith.addi %[[LANE]], %[[BEFORE]]
// CHECK:         %[[ROW:.*]] = arith.shrui %[[THREAD]], %[[C3]]
// CHECK:         %[[PIECE:.*]] = arith.andi %[[THREAD]], %[[C7]]
// CHECK:         %[[BYTES:.*]] = arith.muli %[[PIECE]], %[[C16]]
// CHECK:         %[[WIDE:.*]] = arith.extui %[[BYTES]] : i32 to i64
// CHECK:         %[[MOD:.*]] = arith.andi %[[ROW]], %[[C7]]
// CHECK:         %[[XOR:.*]] = arith.muli %[[MOD]], %[[C16]]
// CHECK:         %[[ROWS:.*]] = arith.muli %[[ROW]], %[[C256]]
// CHECK:         %[[SWIZZLED:.*]] = arith.xori %[[BYTES]], %[[XOR]]
// CHECK:         %[[INSTAGE:.*]] = arith.addi %[[ROWS]], %[[SWIZZLED]]
// CHECK:         %[[STAGES:.*]] = arith.muli %[[SLOT]], %[[STAGE]]
// CHECK:         %[[OFFSET:.*]] = arith.addi %[[INSTAGE]], %[[STAGES]]
// CHECK:         %[[TO:.*]] = llvm.getelementptr %[[TILE]][%[[OFFSET]]]
// CHECK:         %[[DESC:.*]] = builtin.unrealized_conversion_cast %[[SOURCE]]
// CHECK:         %[[GENERIC:.*]] = llvm.extractvalue %[[DESC]][1]
// CHECK:         %[[GLOBAL:.*]] = llvm.addrspacecast %[[GENERIC]] : !llvm.ptr to !llvm.ptr<1>
// CHECK:         %[[AT:.*]] = llvm.getelementptr %[[GLOBAL]]
// CHECK:         %[[FROM:.*]] = llvm.getelementptr %[[AT]][%[[WIDE]]]
// CHECK:         nvvm.cp.async.shared.global %[[TO]], %[[FROM]], 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
// CHECK:         %[[TO1:.*]] = llvm.getelementptr %[[TO]][128]
// CHECK:         %[[FROM1:.*]] = llvm.getelementptr %[[FROM]][128]
// CHECK:         nvvm.cp.async.shared.global %[[TO1]], %[[FROM1]], 16
// CHECK:         %[[SECOND:.*]] = arith.addi %[[ROW]], %[[C16]]
// CHECK:         %[[TO2:.*]] = llvm.getelementptr %[[TO]][4096]
// CHECK:         arith.index_cast %[[SECOND]]
// CHECK:         nvvm.cp.async.shared.global %[[TO2]]
// CHECK:         nvvm.cp.async.shared.global
// CHECK-NOT:     nvvm.cp.async.shared.global
// CHECK:         nvvm.cp.async.commit.group
// CHECK:         nvvm.cp.async.commit.group
// CHECK:         nvvm.cp.async.wait.group 1
// CHECK-NEXT:    return
func.func @rows(%source: memref<?x128xbf16>, %slot: i32) {
  %true = arith.constant true
  %t = nsa_tile.shared at 0 : !tile
  %c = nsa_tile.load_async %source, %t[%slot] threads 128 {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    nsa_tile.yield %i, %true : index, i1
  } : memref<?x128xbf16>, !tile
  %g = nsa_tile.commit %c
  %n = nsa_tile.no_copy
  %h = nsa_tile.commit %n
  nsa_tile.drop %h
  %ready = nsa_tile.wait %g newer 1
  return
}

// -----

!tile = memref<1x24x32xf16, #nsa_tile.swizzle<64>, #gpu.address_space<workgroup>>
!source = memref<?x?x32xf16, strided<[?, 32, 1], offset: ?>, #gpu.address_space<global>>

// 16 rows at a time, 4 lanes each: the second time, only half of the threads have
// one. A row that does not exist has an address that is valid and a size of 0.
// CHECK-LABEL: func @guarded
// CHECK-SAME:    %[[SOURCE:.*]]: memref<{{.*}}>, %[[LIST:.*]]: memref<24xindex>
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : i32
// CHECK-DAG:     %[[I0:.*]] = arith.constant 0 : i64
// CHECK-DAG:     %[[C1:.*]] = arith.constant 1 : i32
// CHECK-DAG:     %[[C3:.*]] = arith.constant 3 : i32
// CHECK-DAG:     %[[C16:.*]] = arith.constant 16 : i32
// CHECK-DAG:     %[[C24:.*]] = arith.constant 24 : i32
// CHECK:         %[[ROW:.*]] = arith.shrui
// CHECK:         %[[HALF:.*]] = arith.shrui %[[ROW]], %[[C1]]
// CHECK:         arith.andi %[[HALF]], %[[C3]]
// CHECK:         %{{.*}}, %[[OFFSET:.*]], %{{.*}}:3, %[[STRIDES:.*]]:3 = memref.extract_strided_metadata %[[SOURCE]]
// CHECK:         %[[ENTRY:.*]] = memref.load %[[LIST]]
// CHECK:         %[[EXISTS:.*]] = arith.cmpi
// CHECK:         %[[PART:.*]] = arith.muli %{{.*}}, %[[STRIDES]]#0
// CHECK:         arith.addi %[[OFFSET]], %[[PART]]
// CHECK-DAG:     %[[SIZE:.*]] = arith.select %[[EXISTS]], %[[C16]], %[[C0]]
// CHECK-DAG:     %[[ADDRESS:.*]] = arith.select %[[EXISTS]], %{{.*}}, %[[I0]]
// CHECK:         %[[FROM:.*]] = llvm.getelementptr %{{.*}}[%[[ADDRESS]]] : (!llvm.ptr<1>, i64)
// CHECK:         nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache = cg, %[[SIZE]] : !llvm.ptr<3>, !llvm.ptr<1>, i32
// CHECK:         %[[SECOND:.*]] = arith.addi %[[ROW]], %[[C16]]
// CHECK:         %[[ISROW:.*]] = arith.cmpi ult, %[[SECOND]], %[[C24]]
// CHECK:         scf.if %[[ISROW]] {
// CHECK:           memref.load %[[LIST]]
// CHECK:           nvvm.cp.async.shared.global
// CHECK:         }
func.func @guarded(%source: !source, %list: memref<24xindex>, %batch: index) {
  %c0 = arith.constant 0 : i32
  %zero = arith.constant 0 : index
  %t = nsa_tile.shared at 0 : !tile
  %c = nsa_tile.load_async %source, %t[%c0] threads 64 {
  ^bb0(%r: i32):
    %i = arith.index_cast %r : i32 to index
    %e = memref.load %list[%i] : memref<24xindex>
    %exists = arith.cmpi sge, %e, %zero : index
    nsa_tile.yield %batch, %e, %exists : index, index, i1
  } : !source, !tile
  %g = nsa_tile.commit %c
  %ready = nsa_tile.wait %g newer 0
  return
}
