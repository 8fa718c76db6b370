"""A kernel of window attention over gathered blocks of keys, as
`nsa-tile-pipeline` would leave it: two stages, the next tile copied while one is
worked on. In a block, each warp has `m` rows; all of them see the keys of `count`
blocks of 64, of which row i sees those at positions [lower[i], upper[i])."""

from tile import frag, kernel, rows, tile

KEYS = 64


def attention(type, m, d, warps, tokens, count):
    height = m * warps
    q_tile, kv_tile = tile(1, height, d, type), tile(2, KEYS, d, type)
    q, s, p, o = (
        frag((m, n), t, layout)
        for n, t, layout in ((d, type, "lhs"), (KEYS, "f32", "acc"), (KEYS, type, "lhs"), (d, "f32", "acc"))
    )
    row, row_i = frag((m,), "f32", "row"), frag((m,), "i32", "row")
    kv, list, limits = f"memref<{tokens}x{d}x{type}>", f"memref<{count}xi32>", f"memref<{height}xi32>"
    tile_bytes = 2 * KEYS * d * 2
    q_bytes = height * d * 2

    def copy(what, source, name, number, slot):
        return f"""
      %{name} = nsa_tile.load_async %{source}, %{what}[{slot}] threads {32 * warps} {{
      ^bb0(%r: i32):
        %e = memref.load %list[{number}] : {list}
        %size = arith.constant {KEYS} : i32
        %before = arith.muli %e, %size : i32
        %token = arith.addi %before, %r : i32
        %some = arith.constant {tokens} : i32
        %exists = arith.cmpi slt, %token, %some : i32
        %j = arith.index_cast %token : i32 to index
        nsa_tile.yield %j, %exists : index, i1
      }} : {kv}, {kv_tile}"""

    def limit(name):
        return f"""nsa_tile.map %numbers : {row_i} {{
    ^bb0(%r: i32):
      %i = arith.addi %r, %first : i32
      %j = arith.index_cast %i : i32 to index
      %at = memref.load %{name}[%j] : {limits}
      nsa_tile.yield %at : i32
    }} -> {row_i}"""

    def relative(name):
        return f"""nsa_tile.map %{name} : {row_i} {{
      ^bb0(%at: i32):
        %d = arith.subi %at, %start : i32
        nsa_tile.yield %d : i32
      }} -> {row_i}"""

    state = f"{o}, {row}, {row}, !nsa_tile.group"
    body = f"""
    %m = arith.constant {m} : i32
    %keys = arith.constant {KEYS} : i32
    %first = arith.muli %warp, %m : i32
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %i1 = arith.constant 1 : i32
    %count = arith.constant {count} : index
    %least = arith.constant -1.0e+30 : f32
    %never = arith.constant 0xFF800000 : f32
    %qs = nsa_tile.shared at 0 : {q_tile}
    %ks = nsa_tile.shared at {q_bytes} : {kv_tile}
    %vs = nsa_tile.shared at {q_bytes + tile_bytes} : {kv_tile}
    %cq = nsa_tile.load_async %q, %qs[%i0] threads {32 * warps} {rows()} : memref<{height}x{d}x{type}>, {q_tile}
    %gq = nsa_tile.commit %cq
    {copy("ks", "k", "ck0", "%c0", "%i0")}
    {copy("vs", "v", "cv0", "%c0", "%i0")}
    %g0 = nsa_tile.commit %ck0, %cv0
    %readyq = nsa_tile.wait %gq newer 1
    gpu.barrier
    %qf = nsa_tile.load_frag %qs[%i0, %first, %i0] after %readyq : {q_tile} -> {q}
    %numbers = nsa_tile.iota : {row_i}
    %lower_row = {limit("lower")}
    %upper_row = {limit("upper")}
    %o0 = nsa_tile.fill %zero : f32 -> {o}
    %m0 = nsa_tile.fill %least : f32 -> {row}
    %l0 = nsa_tile.fill %zero : f32 -> {row}
    %on, %mn, %ln, %gn = scf.for %t = %c0 to %count step %c1
        iter_args(%o_ = %o0, %m_ = %m0, %l_ = %l0, %g_ = %g0) -> ({state}) {{
      %ready = nsa_tile.wait %g_ newer 0
      gpu.barrier
      %t32 = arith.index_cast %t : index to i32
      %slot = arith.andi %t32, %i1 : i32
      %other = arith.xori %slot, %i1 : i32
      %next = arith.addi %t, %c1 : index
      %more = arith.cmpi ult, %next, %count : index
      %ck, %cv = scf.if %more -> (!nsa_tile.copy, !nsa_tile.copy) {{
        {copy("ks", "k", "ck1", "%next", "%other")}
        {copy("vs", "v", "cv1", "%next", "%other")}
        scf.yield %ck1, %cv1 : !nsa_tile.copy, !nsa_tile.copy
      }} else {{
        %none1 = nsa_tile.no_copy
        %none2 = nsa_tile.no_copy
        scf.yield %none1, %none2 : !nsa_tile.copy, !nsa_tile.copy
      }}
      %g = nsa_tile.commit %ck, %cv

      %none = nsa_tile.fill %zero : f32 -> {s}
      %dots = nsa_tile.mma_shared %qf, %ks[%slot, %i0, %i0] transposed, %none after %ready : {q}, {kv_tile}, {s}
      %e = memref.load %list[%t] : {list}
      %start = arith.muli %e, %keys : i32
      %begin = {relative("lower_row")}
      %end = {relative("upper_row")}
      %scaled = nsa_tile.map %dots : {s} {{
      ^bb0(%x: f32):
        %y = arith.mulf %x, %scale : f32
        nsa_tile.yield %y : f32
      }} -> {s}
      %scores = nsa_tile.mask %scaled from %begin to %end else %never : {s}, {row_i}, f32
      %largest = nsa_tile.reduce max %scores over columns : {s} -> {row}
      %mnew, %shrink = nsa_tile.map %m_, %largest : {row}, {row} {{
      ^bb0(%a: f32, %b: f32):
        %x = arith.maximumf %a, %b : f32
        %y = arith.subf %a, %x : f32
        %f = math.exp2 %y fastmath<afn> : f32
        nsa_tile.yield %x, %f : f32, f32
      }} -> {row}, {row}
      %weights = nsa_tile.map %scores, %mnew : {s}, {row} {{
      ^bb0(%a: f32, %b: f32):
        %x = arith.subf %a, %b : f32
        %y = math.exp2 %x fastmath<afn> : f32
        nsa_tile.yield %y : f32
      }} -> {s}
      %sum = nsa_tile.reduce add %weights over columns : {s} -> {row}
      %lnew = nsa_tile.map %l_, %shrink, %sum : {row}, {row}, {row} {{
      ^bb0(%a: f32, %b: f32, %c: f32):
        %x = arith.mulf %a, %b : f32
        %y = arith.addf %x, %c : f32
        nsa_tile.yield %y : f32
      }} -> {row}
      %shrunk = nsa_tile.map %o_, %shrink : {o}, {row} {{
      ^bb0(%a: f32, %b: f32):
        %x = arith.mulf %a, %b : f32
        nsa_tile.yield %x : f32
      }} -> {o}
      %p = nsa_tile.cast %weights : {s} -> {p}
      %onew = nsa_tile.mma_shared %p, %vs[%slot, %i0, %i0], %shrunk after %ready : {p}, {kv_tile}, {o}
      scf.yield %onew, %mnew, %lnew, %g : {state}
    }}
    nsa_tile.drop %gn
    %result = nsa_tile.map %on, %ln : {o}, {row} {{
    ^bb0(%a: f32, %b: f32):
      %x = arith.divf %a, %b : f32
      nsa_tile.yield %x : f32
    }} -> {o}
    %logs = nsa_tile.map %mn, %ln : {row}, {row} {{
    ^bb0(%a: f32, %b: f32):
      %x = math.log2 %b fastmath<afn> : f32
      %y = arith.addf %a, %x : f32
      %ln2 = arith.constant 0.693147180559945 : f32
      %z = arith.mulf %y, %ln2 : f32
      nsa_tile.yield %z : f32
    }} -> {row}
    nsa_tile.store %result, %o {rows("%first")} : {o}, memref<{height}x{d}x{type}>
    nsa_tile.store %logs, %lse_out {rows("%first")} : {row}, memref<{height}xf32>
"""
    arguments = {
        "q": f"memref<{height}x{d}x{type}>", "k": kv, "v": kv, "list": list,
        "lower": limits, "upper": limits, "scale": "f32",
    }  # fmt: skip
    results = {"o": f"memref<{height}x{d}x{type}>", "lse_out": f"memref<{height}xf32>"}
    return kernel(arguments, results, body, warps=warps, shared=q_bytes + 2 * tile_bytes)
