"""Asks a model service that is in trouble through the official openai client, and looks at what the client makes of it.

    openai_refusals.py BASE TROUBLE

BASE is its address; TROUBLE one of the functions below. Ends with status 1 where the client reads something else. The
service runs the scripted model, which says the last question again."""

import sys

import openai
from openai import OpenAI

base, trouble = sys.argv[1:]
QUESTION = "said again"


def ask(retries, **fields):
    client = OpenAI(base_url=base + "/v1", api_key="test", max_retries=retries, timeout=60)
    messages = [{"role": "user", "content": QUESTION}]
    return client.chat.completions.create(model="scripted", messages=messages, temperature=0, **fields)


def answered(retries):
    assert ask(retries).choices[0].message.content == QUESTION


def refused(kind, status, code, retries=0):
    try:
        ask(retries)
    except kind as error:
        assert (error.status_code, error.code) == (status, code), error
        return error
    raise AssertionError(f"{trouble}: it was answered")


def full():
    """The queue has no place; after the time that is told it has."""
    error = refused(openai.RateLimitError, 429, "queue_full")
    assert error.type == "rate_limit_error" and int(error.response.headers["retry-after"]) >= 1, error
    answered(retries=5)


def loading():
    """The model is not there yet."""
    error = refused(openai.InternalServerError, 503, "model_not_ready")
    assert error.type == "server_error" and error.response.headers["retry-after"] == "1", error


def broken():
    """The engine breaks under the request."""
    refused(openai.InternalServerError, 503, "engine_restarted")


def mended():
    """It breaks, and is there again when the client asks again by itself."""
    answered(retries=5)


def cut():
    """It breaks in the middle of a stream: an event of it says so."""
    text = ""
    try:
        for piece in ask(0, stream=True):
            text += piece.choices[0].delta.content or ""
    except openai.APIError as error:
        assert error.code == "engine_restarted" and error.type == "server_error", error
        assert text and text != QUESTION and QUESTION.startswith(text), text
        return
    raise AssertionError(f"the client holds {text!r} for whole")


def late():
    """The answer takes longer than answers may: the client does not ask again."""
    refused(openai.InternalServerError, 504, "deadline_exceeded", retries=5)


{known.__name__: known for known in (full, loading, broken, mended, cut, late)}[trouble]()
print("the client read it")
