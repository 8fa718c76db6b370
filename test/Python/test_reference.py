# RUN: %python %s
# REQUIRES: numpy, ml_dtypes
"""The reference against values worked out by hand from docs/Spec.md."""

import math
import unittest

import ml_dtypes
import numpy as np

from nsa_mlir import reference

BLOCKING = {"compression_block": 4, "compression_stride": 2}


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, dtype=np.float32)


class Compress(unittest.TestCase):
    def test_number_of_blocks(self) -> None:
        for tokens, blocks in [(0, 0), (3, 0), (4, 1), (5, 1), (6, 2), (9, 3)]:
            c = reference.compress(ones(1, tokens, 1, 2), **BLOCKING)
            self.assertEqual(c.shape, (1, blocks, 1, 2))

    def test_mean_of_overlapping_blocks(self) -> None:
        x = np.arange(6, dtype=np.float32).reshape(1, 6, 1, 1)
        c = reference.compress(x, **BLOCKING)
        np.testing.assert_array_equal(c.ravel(), [1.5, 3.5])

    def test_position_encoding_precedes_phi(self) -> None:
        x = np.arange(4, dtype=np.float32).reshape(1, 4, 1, 1)
        pe = np.array([[10], [20], [30], [40]], dtype=np.float32)
        w = np.array([[1, 0, 0, 2]], dtype=np.float32)
        c = reference.compress(x, "weighted", pe=pe, params=[w], **BLOCKING)
        self.assertEqual(c.item(), 10 + 2 * 43)

    def test_blocks_are_flattened_token_by_token(self) -> None:
        x = np.arange(8, dtype=np.float32).reshape(1, 4, 1, 2)
        w = np.zeros((1, 8, 2), dtype=np.float32)
        w[0, 3, 0] = 1  # token 1, dim 1
        w[0, 4, 1] = 1  # token 2, dim 0
        c = reference.compress(x, "linear", params=[w], **BLOCKING)
        np.testing.assert_array_equal(c.ravel(), [3, 4])

    def test_activations(self) -> None:
        w1, b1 = np.zeros((4, 1), np.float32), np.array([1.0], np.float32)
        w2, b2 = np.array([[1.0]], np.float32), np.array([0.25], np.float32)
        expected = {
            "gelu": 0.5 * (1 + math.erf(1 / math.sqrt(2))),
            "silu": 1 / (1 + math.exp(-1)),
            "relu": 1.0,
        }
        for activation, value in expected.items():
            c = reference.compress(
                ones(1, 4, 1, 1),
                "mlp",
                params=[w1, b1, w2, b2],
                activation=activation,
                **BLOCKING,
            )
            self.assertAlmostEqual(c.item(), value + 0.25, places=14)

    def test_wrong_params_are_named(self) -> None:
        with self.assertRaisesRegex(ValueError, r"params of weighted .*\(1, 3\).*\(1, 4\)"):
            reference.compress(ones(1, 4, 1, 1), "weighted", params=[ones(1, 3)], **BLOCKING)
        with self.assertRaisesRegex(ValueError, r"pe has shape"):
            reference.compress(ones(1, 4, 1, 1), pe=ones(3, 1), **BLOCKING)


class Visibility(unittest.TestCase):
    def keys_seen(self, **options: object) -> list[int]:
        """How many keys each row sees: with equal scores, exp(lse - score)."""
        tq, tk = int(options.pop("tq")), int(options.pop("tk"))  # type: ignore[call-overload]
        q, k = ones(1, tq, 1, 1), ones(1, tk, 1, 1)
        o, lse = reference.window_attention(q, k, k, **options)  # type: ignore[arg-type]
        np.testing.assert_array_equal(np.isneginf(lse), o[..., 0] == 0)
        return [round(math.exp(one - 1)) for one in lse.ravel()]

    def test_causal_window_is_exactly_w(self) -> None:
        self.assertEqual(self.keys_seen(tq=5, tk=5, window=3), [1, 2, 3, 3, 3])

    def test_queries_are_the_last_tokens_by_default(self) -> None:
        self.assertEqual(self.keys_seen(tq=2, tk=5, window=10), [4, 5])

    def test_negative_offset(self) -> None:
        seen = self.keys_seen(tq=4, tk=5, window=10, q_offset=-2)
        self.assertEqual(seen, [0, 0, 1, 2])

    def test_kv_len(self) -> None:
        seen = self.keys_seen(tq=4, tk=4, window=2, q_offset=0, kv_len=2)
        self.assertEqual(seen, [1, 2, 1, 0])

    def test_kv_len_beyond_storage(self) -> None:
        seen = self.keys_seen(tq=2, tk=3, window=9, q_offset=5, kv_len=100)
        self.assertEqual(seen, [3, 3])

    def test_not_causal_window_is_symmetric(self) -> None:
        seen = self.keys_seen(tq=6, tk=6, window=2, causal=False, q_offset=0)
        self.assertEqual(seen, [2, 3, 3, 3, 3, 2])

    def test_compressed_block_needs_its_last_token(self) -> None:
        q, kc = ones(1, 8, 1, 1), ones(1, 3, 1, 1)
        _, lse = reference.compressed_attention(q, kc, kc, q_offset=0, **BLOCKING)
        seen = [round(math.exp(one - 1)) for one in lse.ravel()]
        self.assertEqual(seen, [0, 0, 0, 1, 1, 2, 2, 3])

    def test_storage_beyond_kv_len_may_be_nan(self) -> None:
        q, k = ones(1, 3, 1, 2), ones(1, 6, 1, 2)
        k[:, 4:] = np.nan
        o, lse = reference.window_attention(q, k, k, window=9, q_offset=1, kv_len=4)
        np.testing.assert_allclose(o, 1.0)
        self.assertTrue(np.isfinite(lse).all())

    def test_kv_len_needs_q_offset(self) -> None:
        with self.assertRaisesRegex(ValueError, "kv_len needs q_offset"):
            reference.window_attention(*[ones(1, 2, 1, 1)] * 3, window=1, kv_len=2)


class Attention(unittest.TestCase):
    def test_softmax_by_hand(self) -> None:
        q = np.array([2.0], np.float32).reshape(1, 1, 1, 1)
        k = np.array([1.0, 3.0], np.float32).reshape(1, 2, 1, 1)
        v = np.array([[1, 0, 0], [0, 1, 5]], np.float32).reshape(1, 2, 1, 3)
        o, lse = reference.window_attention(q, k, v, window=2, scale=0.5)
        total = math.exp(1) + math.exp(3)
        self.assertAlmostEqual(lse.item(), math.log(total), places=14)
        expected = [math.exp(1) / total, math.exp(3) / total, 5 * math.exp(3) / total]
        np.testing.assert_allclose(o.ravel(), expected, rtol=1e-14)

    def test_default_scale(self) -> None:
        q = ones(1, 1, 1, 16)
        _, lse = reference.window_attention(q, q, q, window=1)
        self.assertEqual(lse.item(), 4.0)

    def test_heads_share_groups_in_order(self) -> None:
        q, k = ones(1, 1, 4, 1), ones(1, 1, 2, 1)
        v = np.array([10.0, 20.0], np.float32).reshape(1, 1, 2, 1)
        o, _ = reference.window_attention(q, k, v, window=1)
        self.assertEqual(o.ravel().tolist(), [10, 10, 20, 20])

    def test_lists(self) -> None:
        # Blocks of 2; repeats, negatives and indices that name nothing.
        q, k = ones(1, 1, 2, 1), ones(1, 5, 2, 1)
        v = np.arange(10, dtype=np.float32).reshape(1, 5, 2, 1)
        idx = np.array([[2, -1, 0, 0, -7, 9, 2**31 - 1]], np.int32).reshape(1, 1, 1, 7)
        o, lse = reference.selected_attention(q, k, v, idx, selection_block=2)
        np.testing.assert_allclose(np.exp(lse - 1).ravel(), [3, 3])  # tokens 0, 1, 4
        np.testing.assert_allclose(o.ravel(), [10 / 3, 13 / 3])

    def test_lists_per_group_and_per_head(self) -> None:
        q, k = ones(1, 1, 4, 1), ones(1, 4, 2, 1)
        for lists in (1, 2, 4):
            idx = np.arange(lists, dtype=np.int32).reshape(1, 1, lists, 1)
            v = np.repeat(np.arange(4, dtype=np.float32), 2).reshape(1, 4, 2, 1)
            o, _ = reference.selected_attention(q, k, v, idx, selection_block=1)
            expected = [h // (4 // lists) for h in range(4)]
            self.assertEqual(o.ravel().tolist(), expected)
        with self.assertRaisesRegex(ValueError, "3 lists, expected 1, 2 or 4"):
            idx = np.zeros((1, 1, 3, 1), np.int32)
            reference.selected_attention(q, k, k, idx, selection_block=1)

    def test_empty_inputs(self) -> None:
        for batch, tq, tk in [(0, 3, 3), (1, 0, 3), (1, 3, 0)]:
            q, k = ones(batch, tq, 2, 4), ones(batch, tk, 1, 4)
            o, lse = reference.window_attention(q, k, k, window=2)
            self.assertEqual((o.shape, lse.shape), ((batch, tq, 2, 4), (batch, tq, 2)))
            self.assertTrue(np.isneginf(lse).all() and not o.any())


class Scores(unittest.TestCase):
    def test_overlap_of_the_papers_blocks(self) -> None:
        weights = reference.overlap_weights(12, 3, 32, 16, 64)
        np.testing.assert_array_equal(weights[:, 0], [2, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        np.testing.assert_array_equal(weights[:, 1], [0, 0, 0, 1, 2, 2, 2, 1, 0, 0, 0, 0])
        np.testing.assert_array_equal(weights[:, 2], [0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 1])

    def test_equal_blocks_are_the_identity(self) -> None:
        np.testing.assert_array_equal(reference.overlap_weights(3, 3, 8, 8, 8), np.eye(3))

    def scores(self, lse: float, **options: str) -> list[float]:
        q, kc = ones(1, 1, 2, 1), ones(1, 7, 1, 1)
        p = reference.block_scores(
            q,
            kc,
            np.full((1, 1, 2), lse),
            16,
            compression_block=4,
            compression_stride=2,
            selection_block=8,
            q_offset=13,
            **options,  # type: ignore[arg-type]
        )
        return [float(x) for x in p.ravel()]

    def test_sum_over_heads_then_map(self) -> None:
        # Six blocks are visible (0..5), each with p_h = exp(1 - lse), two heads.
        self.assertEqual(self.scores(1.0), [2 * 7, 2 * 5])
        self.assertEqual(self.scores(1.0, score_map="max"), [2, 2])
        self.assertEqual(self.scores(1.0, list_heads="query"), [7, 5, 7, 5])
        np.testing.assert_allclose(self.scores(0.0), [14 * math.e, 10 * math.e])

    def test_lse_of_an_empty_row_gives_zero(self) -> None:
        self.assertEqual(self.scores(-math.inf), [0, 0])

    def test_refusals(self) -> None:
        options = {"compression_block": 4, "compression_stride": 2, "selection_block": 8}
        q, kc, lse = ones(1, 1, 2, 1), ones(1, 7, 1, 1), ones(1, 1, 2)
        with self.assertRaisesRegex(ValueError, r"kv_max \(16\) must be at least kv_len \(17\)"):
            reference.block_scores(q, kc, lse, 16, q_offset=0, kv_len=17, **options)
        with self.assertRaisesRegex(ValueError, "q_offset is required"):
            reference.block_scores(q, kc, lse, 16, **options)
        with self.assertRaisesRegex(ValueError, r"\(2\) must divide compression_block \(4\)"):
            bad = options | {"selection_block": 7}
            reference.block_scores(q, kc, lse, 16, q_offset=0, **bad)


class Selection(unittest.TestCase):
    def select(self, scores: list[float], **options: int | bool) -> list[int]:
        p = np.array(scores, np.float32).reshape(1, 1, 1, -1)
        options = {"selection_block": 10, "initial": 0, "local": 0, "q_offset": 1000} | options
        return reference.select_top_n(p, **options).ravel().tolist()  # type: ignore[arg-type]

    def test_highest_first_written_ascending(self) -> None:
        self.assertEqual(self.select([1, 9, 3, 7], top_n=2), [1, 3])

    def test_ties_go_to_the_lowest_block(self) -> None:
        self.assertEqual(self.select([1, 1, 1, 1], top_n=2), [0, 1])
        self.assertEqual(self.select([-0.0, 0.0, -0.0], top_n=1), [0])
        self.assertEqual(self.select([0.0, 1e-45, 0.0], top_n=1), [1])

    def test_special_values(self) -> None:
        inf, nan = math.inf, math.nan
        self.assertEqual(self.select([1, inf, nan, -inf], top_n=1), [1])
        self.assertEqual(self.select([nan, -3, nan, -inf], top_n=3), [0, 1, 2])
        self.assertEqual(self.select([nan, -3, nan, -inf], top_n=1), [1])
        self.assertEqual(self.select([-inf, -inf], top_n=2), [-1, -1])
        self.assertEqual(self.select([-inf, -inf], top_n=2, initial=1), [0, -1])

    def test_forced_blocks_count_against_n(self) -> None:
        options = {"top_n": 4, "initial": 1, "local": 2, "q_offset": 55}
        # Own block is 5; block 6 and 7 are no candidates.
        self.assertEqual(self.select([0, 9, 8, 7, 0, 0, 99, 99], **options), [0, 1, 4, 5])

    def test_forced_duplicates_count_once(self) -> None:
        options = {"top_n": 4, "initial": 2, "local": 2, "q_offset": 15}
        self.assertEqual(self.select([0, 0, 5, 6], **options), [0, 1, -1, -1])

    def test_fewer_blocks_than_n(self) -> None:
        self.assertEqual(self.select([5, 6], top_n=4), [0, 1, -1, -1])

    def test_before_the_first_key(self) -> None:
        self.assertEqual(self.select([5, 6], top_n=3, local=2, q_offset=-1), [-1, -1, -1])

    def test_not_causal(self) -> None:
        options = {"causal": False, "kv_len": 25, "q_offset": 5, "top_n": 2}
        self.assertEqual(self.select([1, 2, 3, 4], **options), [1, 2])
        self.assertEqual(self.select([1, 2, 3, 4], local=1, **options), [0, 2])

    def test_budget_is_checked(self) -> None:
        with self.assertRaisesRegex(
            ValueError, r"top_n \(2\) must be .* initial \(1\) \+ local \(2\)"
        ):
            self.select([1], top_n=2, initial=1, local=2)


class GateAndMerge(unittest.TestCase):
    def test_gate(self) -> None:
        outputs = [np.full((1, 1, 1, 2), x, np.float32) for x in (1.0, 10.0)]
        gates = np.array([2.0, -1.0], np.float32).reshape(1, 1, 1, 2)
        np.testing.assert_array_equal(reference.gate(outputs, gates).ravel(), [-8, -8])
        o = reference.gate(outputs, gates * 0, "sigmoid")
        np.testing.assert_array_equal(o.ravel(), [5.5, 5.5])

    def test_merge(self) -> None:
        outputs = [np.full((1, 1, 1, 1), x, np.float32) for x in (1.0, 4.0)]
        lses = [np.log([[[1.0]]]), np.log([[[2.0]]])]
        o, lse = reference.merge(outputs, lses)
        self.assertAlmostEqual(lse.item(), math.log(3))
        self.assertAlmostEqual(o.item(), 3.0)
        o, lse = reference.merge(outputs, lses, sink=np.log([3.0]))
        self.assertAlmostEqual(lse.item(), math.log(6))
        self.assertAlmostEqual(o.item(), 1.5)

    def test_merge_of_nothing(self) -> None:
        nothing = np.full((1, 1, 1), -np.inf)
        o, lse = reference.merge([np.zeros((1, 1, 1, 2))] * 2, [nothing] * 2)
        self.assertTrue(np.isneginf(lse).all() and not o.any())
        o, lse = reference.merge([np.zeros((1, 1, 1, 2))], [nothing], sink=[0.5])
        self.assertEqual((lse.item(), o.any()), (0.5, False))

    def test_merge_does_not_overflow(self) -> None:
        o, lse = reference.merge([ones(1, 1, 1, 1)] * 2, [np.full((1, 1, 1), 5000.0)] * 2)
        self.assertAlmostEqual(lse.item(), 5000 + math.log(2))
        self.assertAlmostEqual(o.item(), 1.0)


class Whole(unittest.TestCase):
    def test_is_its_parts(self) -> None:
        random = np.random.default_rng(0)
        bf16 = ml_dtypes.bfloat16
        q = random.standard_normal((2, 40, 4, 8)).astype(bf16)
        kv = [random.standard_normal((2, 40, 2, 8)).astype(bf16) for _ in range(6)]
        gates = random.standard_normal((2, 40, 4, 3)).astype(np.float32)
        options = {"selection_block": 8, "top_n": 2, "window": 5, "initial": 0, "local": 1}
        got = reference.attention(q, *kv, gates, **BLOCKING, **options)
        # Compressed keys are rounded to the input type before they are used.
        kc = reference.compress(kv[0], **BLOCKING).astype(bf16)
        np.testing.assert_array_equal(got.kc, kc.astype(np.float64))
        self.assertEqual(got.idx.shape, (2, 40, 2, 2))
        o_win, _ = reference.window_attention(q, kv[4], kv[5], window=5)
        np.testing.assert_array_equal(got.o_win, o_win)
        parts = [got.o_cmp, got.o_slc, got.o_win]
        np.testing.assert_array_equal(got.o, reference.gate(parts, gates))

    def test_shards_merge_to_the_whole(self) -> None:
        random = np.random.default_rng(0)
        q, k, v = (random.standard_normal((1, 30, 2, 4)) for _ in range(3))
        whole = reference.window_attention(q, k, v, window=12)
        parts = [
            reference.window_attention(q, k[:, :16], v[:, :16], window=12, q_offset=0, kv_len=16),
            reference.window_attention(q, k[:, 16:], v[:, 16:], window=12, q_offset=-16),
        ]
        o, lse = reference.merge([o for o, _ in parts], [lse for _, lse in parts])
        np.testing.assert_allclose(o, whole[0], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(lse, whole[1], rtol=1e-12)


if __name__ == "__main__":
    unittest.main()
