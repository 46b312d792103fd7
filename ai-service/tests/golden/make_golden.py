#!/usr/bin/env python3
"""Makes the golden logits that `tests/golden.rs` holds the engine to.

The judge is Hugging Face's `Phi3ForCausalLM` (f32, eager attention): an implementation that shares nothing with ours.
No weights are kept: both sides make them from a seed.

Plain tensor NAME (its GGUF name), element i:
    u = splitmix64(fnv1a64(NAME) ^ SEED + (i + 1) * GAMMA) >> 40        (24 bits)
    w = (u * 2^-23 - 1) * scale                                         (exact in f32: any language makes the same bits)
with scale 0.25 for the embeddings and 0.1875 elsewhere; norms are 1 + 0.125 * (u * 2^-23 - 1).

Quantised tensor: byte i of its blocks is the low byte of the same u; then the f16 scales of each block are set to
those in SCALES, so that the weights have a sane size. The logits come from what the `gguf` package dequantises.

Writes beside itself: cases.json (shapes, token ids, which positions) and <case>.logits.f32 (rows of logits).
Run in an environment that has torch (CPU), transformers, gguf and numpy. Arguments name the cases to make, and leave the
others as they are; without any all are made.
"""
import json
import os
import sys

import gguf
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as Quant
from transformers import Phi3Config, Phi3ForCausalLM

OUT = os.path.dirname(os.path.abspath(__file__))
SEED = 0x50484933
GAMMA = 0x9E3779B97F4A7C15
M64 = 2**64 - 1

# Type -> bytes of a block, values in it, and (offset, value) of its f16 scales.
SCALES = {
    "q4_0": (18, 32, [(0, 0.02)]),
    "q8_0": (34, 32, [(0, 0.0014)]),
    "q4_k": (144, 256, [(0, 0.0004), (2, 0.003)]),
    "q5_k": (176, 256, [(0, 0.0002), (2, 0.0031)]),
    "q6_k": (210, 256, [(208, 0.00008)]),
}


def fnv1a64(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & M64
    return h


def splitmix(name, n):
    """n numbers of 24 bits from the seed and a name."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a64(name) ^ SEED) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(GAMMA)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return z >> np.uint64(40)


def plain(name, shape):
    u = splitmix(name, int(np.prod(shape))).astype(np.float32) * np.float32(2**-23) - np.float32(1)
    u = u.reshape(shape)
    if "norm" in name:
        return (np.float32(1) + np.float32(0.125) * u).astype(np.float32)
    return (u * np.float32(0.25 if "embd" in name else 0.1875)).astype(np.float32)


def quantised(name, shape, kind):
    block_bytes, block_values, scales = SCALES[kind]
    blocks = int(np.prod(shape)) // block_values
    raw = (splitmix(name, blocks * block_bytes) & np.uint64(255)).astype(np.uint8).reshape(blocks, block_bytes)
    for offset, value in scales:
        raw[:, offset : offset + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)
    rows = raw.reshape(shape[0], -1)
    return gguf.quants.dequantize(rows, Quant[kind.upper()]).astype(np.float32).reshape(shape)


def shapes(c):
    hidden, ffn, vocab = c["hidden"], c["ffn"], c["vocab"]
    head = hidden // c["heads"]
    t = {"token_embd.weight": (vocab, hidden), "output_norm.weight": (hidden,)}
    if not c.get("tied"):
        t["output.weight"] = (vocab, hidden)
    for layer in range(c["layers"]):
        p = f"blk.{layer}."
        t[p + "attn_norm.weight"] = (hidden,)
        t[p + "attn_qkv.weight"] = (hidden + 2 * c["kv_heads"] * head, hidden)
        t[p + "attn_output.weight"] = (hidden, hidden)
        t[p + "ffn_norm.weight"] = (hidden,)
        t[p + "ffn_up.weight"] = (2 * ffn, hidden)
        t[p + "ffn_down.weight"] = (hidden, ffn)
    return t


def kind_of(name, c):
    """The type of a tensor: the case's own for its name's last part, otherwise the case's type for all."""
    if "norm" in name or not c.get("types"):
        return "f32"
    part = name.split(".")[-2]
    return c["types"].get(part, c["types"]["rest"])


def tensors(c):
    out = {}
    for name, shape in shapes(c).items():
        kind = kind_of(name, c)
        out[name] = plain(name, shape) if kind == "f32" else quantised(name, shape, kind)
    return out


LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_qkv": "self_attn.qkv_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_up": "mlp.gate_up_proj",
    "ffn_down": "mlp.down_proj",
}
OUTER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def reference(c, weights):
    rope = {"rope_type": "default", "rope_theta": c["rope_theta"]}
    if c.get("partial"):
        rope["partial_rotary_factor"] = c["partial"]
    if c.get("long_factor"):
        rope.update(
            rope_type="longrope",
            short_factor=c["short_factor"],
            long_factor=c["long_factor"],
            original_max_position_embeddings=c["orig_ctx"],
        )
    model = Phi3ForCausalLM(
        Phi3Config(
            vocab_size=c["vocab"],
            hidden_size=c["hidden"],
            intermediate_size=c["ffn"],
            num_hidden_layers=c["layers"],
            num_attention_heads=c["heads"],
            num_key_value_heads=c["kv_heads"],
            max_position_embeddings=c["ctx"],
            original_max_position_embeddings=c["orig_ctx"],
            rms_norm_eps=1e-5,
            sliding_window=c.get("window"),
            tie_word_embeddings=bool(c.get("tied")),
            rope_parameters=rope,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
        )
    )
    model = model.eval().float()
    model.set_attn_implementation("eager")
    state = {}
    for name, values in weights.items():
        if name.startswith("blk."):
            _, layer, part, _ = name.split(".")
            key = f"model.layers.{layer}.{LAYER_NAMES[part]}.weight"
        else:
            key = OUTER_NAMES[name.split(".")[0]] + ".weight"
        state[key] = torch.from_numpy(values)
    if c.get("tied"):
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state, strict=True)
    return model


BASE = dict(vocab=256, hidden=64, ffn=128, layers=2, heads=4, kv_heads=4, ctx=256, orig_ctx=256, rope_theta=10000.0)
WIDE = dict(hidden=256, ffn=512, heads=8, kv_heads=8, layers=1)
SHORT = [1.0 + 0.0625 * i for i in range(8)]
LONG = [1.0 + 0.75 * i for i in range(8)]
# Name -> (what differs from BASE, lengths of the prompts).
CASES = {
    "base": ({}, [1, 2, 17, 64]),
    "pages": ({}, [150]),
    "gqa": (dict(kv_heads=2), [33]),
    "swa16": (dict(window=16), [16, 17, 40, 100]),
    "longrope": (dict(orig_ctx=32, long_factor=LONG, short_factor=SHORT), [24, 32, 33, 48]),
    "partial_tied": (dict(partial=0.75, tied=1, kv_heads=2), [33]),
    "theta": (dict(rope_theta=250000.0), [33]),
    "together": (
        dict(window=20, orig_ctx=40, long_factor=LONG[:6], short_factor=SHORT[:6], kv_heads=1, tied=1, partial=0.75),
        [30, 90],
    ),
    "k256": (WIDE, [40]),
    **{kind: (WIDE | dict(types=dict(rest=kind)), [40]) for kind in SCALES},
    "q4_k_m": (
        WIDE | dict(layers=2, types=dict(rest="q4_k", attn_qkv="q5_k", ffn_down="q6_k", output="q6_k")),
        [40],
    ),
    "q5_k_m": (
        WIDE | dict(layers=2, types=dict(rest="q5_k", attn_qkv="q6_k", ffn_down="q6_k", output="q6_k")),
        [40],
    ),
}


def main():
    torch.set_num_threads(1)
    made_by = f"transformers {transformers.__version__} torch {torch.__version__}"
    index = dict(generator=made_by, seed=SEED, scales=SCALES, cases={})
    wanted = sys.argv[1:]
    if wanted:
        with open(f"{OUT}/cases.json") as f:
            index = json.load(f)
    for name in wanted or CASES:
        changes, lengths = CASES[name]
        c = {**BASE, **changes}
        model = reference(c, tensors(c))
        prompts, blob = [], b""
        for length in lengths:
            span = np.uint64(c["vocab"] - 3)
            ids = [1] + [3 + int(x % span) for x in splitmix(f"ids {name} {length}", length - 1)]
            with torch.no_grad():
                logits = model(torch.tensor([ids])).logits[0].float().numpy()
            positions = sorted({0, length // 2, length - 1})
            prompts.append(dict(ids=ids, positions=positions, offset=len(blob)))
            blob += logits[positions].astype("<f4").tobytes()
            print(name, length, "largest", float(np.abs(logits).max()))
        with open(f"{OUT}/{name}.logits.f32", "wb") as f:
            f.write(blob)
        index["cases"][name] = dict(config=c, prompts=prompts)
        if made_by != index["generator"]:
            index["cases"][name]["generator"] = made_by
    with open(f"{OUT}/cases.json", "w") as f:
        json.dump(index, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
