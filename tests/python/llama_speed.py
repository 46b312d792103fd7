"""What llama.cpp does with a model file: the anchor of the bench section `model`.

    llama_speed.py FILE THREADS CONTEXT

Loads FILE with its defaults, then reads trials from standard input, one a line, and answers each with a line of JSON:
`read PROMPT` reads a prompt, `write PROMPT REQUESTS STEPS` writes tokens behind prompts. The same trials as
`ai_service::measure::Trial`; tokens mean nothing.
"""

import ctypes
import json
import sys
import time

import llama_cpp as llama


@llama.llama_log_callback
def silent(_level, _text, _data):
    """Says nothing."""


class Engine:
    """A model and its cache."""

    def __init__(self, path, threads, context):
        llama.llama_log_set(silent, ctypes.c_void_p(0))
        llama.llama_backend_init()
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        if not self.model:
            sys.exit(f"llama.cpp can't load {path}")
        options = llama.llama_context_default_params()
        options.n_ctx = context
        options.n_threads = options.n_threads_batch = threads
        options.n_seq_max = 8
        options.kv_unified = True
        self.context = llama.llama_init_from_model(self.model, options)
        if not self.context:
            sys.exit("llama.cpp gives no context")
        self.vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))
        self.most = options.n_batch
        self.batch = llama.llama_batch_init(self.most, 0, 1)

    def clear(self):
        """Forgets all sequences."""
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)

    def compute(self, tokens):
        """Computes (sequence, position, whether logits are wanted) together."""
        self.batch.n_tokens = len(tokens)
        for at, (sequence, position, logits) in enumerate(tokens):
            self.batch.token[at] = position * 37 % self.vocabulary
            self.batch.pos[at] = position
            self.batch.n_seq_id[at] = 1
            self.batch.seq_id[at][0] = sequence
            self.batch.logits[at] = logits
        if llama.llama_decode(self.context, self.batch) != 0:
            sys.exit("llama.cpp computed nothing")

    def read(self, sequence, prompt):
        """Reads a prompt."""
        for start in range(0, prompt, self.most):
            end = min(prompt, start + self.most)
            self.compute([(sequence, at, at == prompt - 1) for at in range(start, end)])

    def write(self, requests, position):
        """Writes a token of each request."""
        self.compute([(sequence, position, True) for sequence in range(requests)])


def resident():
    """Bytes this process holds: in all, and of its own."""
    with open("/proc/self/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return [int(lines[key].split()[0]) * 1024 for key in ("VmRSS", "RssAnon")]


def main():
    """Loads, then answers trials."""
    path, threads, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    began = time.perf_counter()
    engine = Engine(path, threads, context)
    print(json.dumps({"load_seconds": time.perf_counter() - began}), flush=True)
    for line in sys.stdin:
        what, *numbers = line.split()
        prompt, requests, steps = (int(number) for number in (*numbers, 1, 0)[:3])
        engine.clear()
        if what == "write":
            for sequence in range(requests):
                engine.read(sequence, prompt)
        wall, processor = time.perf_counter(), time.process_time()
        if what == "read":
            engine.read(0, prompt)
            tokens = prompt
        else:
            for step in range(steps):
                engine.write(requests, prompt + step)
            tokens = requests * steps
        said = {"tokens": tokens, "wall_seconds": time.perf_counter() - wall}
        said["processor_seconds"] = time.process_time() - processor
        said["resident_bytes"], said["own_bytes"] = resident()
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
