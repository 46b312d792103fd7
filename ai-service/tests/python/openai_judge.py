"""Asks the model service through the official openai client. Argument: the base address. Ends with status 1 at the first
thing that is not as it should be. The service runs the scripted model, which says the last question again."""

import sys

import openai
from openai import OpenAI

base = sys.argv[1]
client = OpenAI(base_url=base + "/v1", api_key="test", max_retries=0, timeout=60)
MODEL = "scripted"


def ask(text, **fields):
    messages = [{"role": "system", "content": "rules"}, {"role": "user", "content": text}]
    return client.chat.completions.create(model=MODEL, messages=messages, temperature=0, **fields)


def refused(kind, **fields):
    try:
        client.chat.completions.create(**{"model": MODEL, "messages": [{"role": "user", "content": "q"}], **fields})
    except kind as error:
        return error
    raise AssertionError(f"{fields} was not refused with {kind}")


models = client.models.list().data
assert [model.id for model in models] == [MODEL], models
assert client.models.retrieve(MODEL).id == MODEL

answer = ask("how many are running?")
assert answer.choices[0].message.content == "how many are running?", answer
assert answer.choices[0].message.role == "assistant" and answer.choices[0].finish_reason == "stop"
assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
assert ask("how many are running?").usage.prompt_tokens_details.cached_tokens > 0

text, reason, usage, roles = "", None, None, []
for piece in ask("größer 😀!", stream=True, stream_options={"include_usage": True}):
    if piece.usage:
        usage = piece.usage
    for choice in piece.choices:
        text += choice.delta.content or ""
        reason = choice.finish_reason or reason
        roles += [choice.delta.role] if choice.delta.role else []
assert (text, reason, roles) == ("größer 😀!", "stop", ["assistant"]), (text, reason, roles)
assert usage.completion_tokens == ask("größer 😀!").usage.completion_tokens

with client.chat.completions.stream(
    model=MODEL, messages=[{"role": "user", "content": "by the helper"}], temperature=0
) as stream:
    assert stream.get_final_completion().choices[0].message.content == "by the helper"

assert ask("abcdef", max_tokens=3).choices[0].finish_reason == "length"
assert ask("abcdef", stop=["d"]).choices[0].message.content == "abc"
logprobs = ask("ab", logprobs=True, top_logprobs=2).choices[0].logprobs.content
assert [token.token for token in logprobs] == ["a", "b"] and len(logprobs[0].top_logprobs) == 2
assert logprobs[0].bytes == [97] and logprobs[0].logprob < 0

schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["n"],
          "additionalProperties": False}
shaped = ask("q", response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": schema, "strict": True}})
assert shaped.choices[0].message.content.replace(" ", "")[:5] == '{"n":', shaped
extra = {"top_k": 5, "min_p": 0.1, "repetition_penalty": 1.1}
ask("q", seed=7, top_p=0.9, presence_penalty=0.5, frequency_penalty=0.5, logit_bias={"97": 1}, user="u", extra_body=extra)

raw = client.completions.create(model=MODEL, prompt="abc", max_tokens=3, temperature=0, logprobs=1)
assert raw.choices[0].text == "def" and raw.choices[0].logprobs.tokens == ["d", "e", "f"], raw
pieces = client.completions.create(model=MODEL, prompt="x", max_tokens=2, temperature=0, stream=True)
assert "".join(piece.choices[0].text for piece in pieces) == "yz"

assert refused(openai.NotFoundError, model="gpt-4o").code == "model_not_found"
error = refused(openai.BadRequestError, temperature=9)
assert error.param == "temperature" and error.type == "invalid_request_error", error
assert refused(openai.BadRequestError, messages=[{"role": "user", "content": "x" * 600}]).code == "context_length_exceeded"
try:
    client.embeddings.create(model=MODEL, input="x")
    raise AssertionError("there are no embeddings")
except openai.InternalServerError as error:
    assert error.status_code == 501 and error.code == "not_implemented", error
print("the client read everything")
