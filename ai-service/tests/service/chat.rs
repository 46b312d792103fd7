//! `/v1/chat/completions`: whole and streamed answers, their figures, and what is refused.

use ai_service::engine::scripted::{Script, ScriptedOptions};
use serde_json::{Value, json};

use crate::support::{Server, pieces, question, streamed, with};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_whole_and_its_usage_right() {
    let server = Server::usual().await;
    let answer = server.chat(&question("how many WorkSpaces are running?")).await;
    let choice = &answer["choices"][0];
    assert_eq!(
        choice["message"],
        json!({ "role": "assistant", "content": "how many WorkSpaces are running?", "refusal": null })
    );
    assert_eq!(
        (&choice["finish_reason"], &choice["index"], &choice["logprobs"]),
        (&json!("stop"), &json!(0), &json!(null))
    );
    assert_eq!(
        (&answer["object"], &answer["model"], &answer["created"]),
        (&json!("chat.completion"), &json!("scripted"), &json!(1_700_000_000))
    );
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    // The answer repeats the question: begin, user, question, end, assistant.
    let usage = &answer["usage"];
    let (prompt, completion) = (usage["prompt_tokens"].as_u64().unwrap(), usage["completion_tokens"].as_u64().unwrap());
    assert_eq!((prompt, usage["total_tokens"].as_u64().unwrap()), (completion + 4, prompt + completion));
    assert!(completion < "how many WorkSpaces are running?".len() as u64, "words are one token");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_says_the_same_in_pieces() {
    let server = Server::usual().await;
    let text = "größer \u{1f600} \u{1f469}\u{200d}\u{1f4bb} end";
    let whole = server.chat(&question(text)).await;
    let plain = server.post("/v1/chat/completions", &with(question(text), json!({ "stream": true }))).await;
    let (plain, done) = pieces(plain).await;
    assert!(done);
    assert_eq!(streamed(&plain), text);
    assert_eq!(plain[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(plain.last().unwrap()["choices"][0]["finish_reason"], "stop");
    let ids: std::collections::HashSet<&str> = plain.iter().map(|piece| piece["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 1 && plain.iter().all(|piece| piece["object"] == "chat.completion.chunk"));
    assert!(plain.iter().all(|piece| piece.get("usage").is_none()));

    let body = with(question(text), json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let (counted, done) = pieces(server.post("/v1/chat/completions", &body).await).await;
    let (last, others) = counted.split_last().unwrap();
    assert!(
        done && others.iter().all(|piece| piece["usage"].is_null() && piece["choices"].as_array().unwrap().len() == 1)
    );
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], whole["usage"]["completion_tokens"]);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_and_stop_strings_end_answers() {
    let server = Server::usual().await;
    let short = server.chat(&with(question("abcdef"), json!({ "max_tokens": 3 }))).await;
    assert_eq!(
        (&short["choices"][0]["message"]["content"], &short["choices"][0]["finish_reason"]),
        (&json!("abc"), &json!("length"))
    );
    assert_eq!(short["usage"]["completion_tokens"], 3);
    let newer = server.chat(&with(question("abcdef"), json!({ "max_completion_tokens": 2 }))).await;
    assert_eq!(newer["choices"][0]["message"]["content"], "ab");
    for stop in [json!("de"), json!(["zz", "de"])] {
        let stopped = server.chat(&with(question("abcdef"), json!({ "stop": stop }))).await;
        assert_eq!(
            (&stopped["choices"][0]["message"]["content"], &stopped["choices"][0]["finish_reason"]),
            (&json!("abc"), &json!("stop"))
        );
    }
    let body = with(question("abcdef"), json!({ "stop": "cd", "stream": true }));
    assert_eq!(streamed(&pieces(server.post("/v1/chat/completions", &body).await).await.0), "ab");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_probabilities_come_with_their_tokens() {
    let server = Server::usual().await;
    let asked = json!({ "logprobs": true, "top_logprobs": 3 });
    let answer = server.chat(&with(question("the \u{00e9}"), asked.clone())).await;
    let content = answer["choices"][0]["logprobs"]["content"].as_array().unwrap().clone();
    assert_eq!(content.len() as u64, answer["usage"]["completion_tokens"].as_u64().unwrap());
    let bytes: Vec<u8> = content
        .iter()
        .flat_map(|token| token["bytes"].as_array().unwrap())
        .map(|byte| byte.as_u64().unwrap() as u8)
        .collect();
    assert_eq!(String::from_utf8(bytes).unwrap(), "the \u{00e9}");
    for token in &content {
        let top = token["top_logprobs"].as_array().unwrap();
        assert_eq!((top.len(), &top[0]["token"], &top[0]["logprob"]), (3, &token["token"], &token["logprob"]));
        assert!(token["logprob"].as_f64().unwrap() < 0.0 && token["logprob"].as_f64() > top[1]["logprob"].as_f64());
    }
    let body = with(question("the \u{00e9}"), with(asked, json!({ "stream": true })));
    let (pieces, _) = pieces(server.post("/v1/chat/completions", &body).await).await;
    let streamed: Vec<Value> = pieces
        .iter()
        .filter_map(|piece| piece["choices"][0]["logprobs"]["content"].as_array())
        .flatten()
        .cloned()
        .collect();
    assert_eq!(streamed, content);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_makes_an_answer_repeatable() {
    let server = Server::new(ScriptedOptions { script: Script::Babble, ..ScriptedOptions::default() }, |_| ()).await;
    let ask = async |seed: Value| {
        let body = with(
            question("anything"),
            json!({ "temperature": 2, "max_tokens": 40, "seed": seed, "logit_bias": { "257": -100 } }),
        );
        server.chat(&body).await["choices"][0]["message"]["content"].clone()
    };
    let one = ask(json!(1)).await;
    assert_eq!(one, ask(json!(1)).await);
    assert_ne!(one, ask(json!(2)).await);
    assert_ne!(ask(json!(null)).await, ask(json!(null)).await, "without a seed, everybody has his own");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_the_shape_that_was_asked_for() {
    let server = Server::new(ScriptedOptions { script: Script::Babble, ..ScriptedOptions::default() }, |_| ()).await;
    let schema = json!({
        "type": "object", "required": ["tool", "limit"], "additionalProperties": false,
        "properties": { "tool": { "enum": ["count", "list"] }, "limit": { "type": "integer", "minimum": 1, "maximum": 9 } },
    });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "plan", "strict": true, "schema": schema } });
    for seed in 0..5 {
        let body = with(question("x"), json!({ "response_format": format, "seed": seed, "temperature": 1 }));
        let answer = server.chat(&body).await;
        let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
        let plan: Value = serde_json::from_str(text).unwrap();
        assert!(
            ["count", "list"].contains(&plan["tool"].as_str().unwrap())
                && (1..=9).contains(&plan["limit"].as_i64().unwrap()),
            "{text}"
        );
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    }
    let any = with(question("x"), json!({ "response_format": { "type": "json_object" }, "max_tokens": 1 }));
    assert_eq!(server.chat(&any).await["choices"][0]["message"]["content"], "{");
    for wrong in [
        json!({ "type": "xml" }),
        json!({ "type": "json_schema" }),
        json!({ "type": "json_schema", "json_schema": { "schema": { "type": "colour" } } }),
    ] {
        let (status, answer) =
            server.ask("/v1/chat/completions", &with(question("x"), json!({ "response_format": wrong }))).await;
        assert_eq!((status, &answer["error"]["param"]), (400, &json!("response_format")), "{answer}");
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_loses_its_oldest_turns_and_says_so() {
    let server = Server::new(ScriptedOptions { context: 200, ..ScriptedOptions::default() }, |_| ()).await;
    let old = "an old turn ".repeat(6);
    let messages = json!([
        { "role": "system", "content": "FACTS: 42 are running" },
        { "role": "user", "content": old }, { "role": "assistant", "content": old },
        { "role": "user", "content": [{ "type": "text", "text": "and " }, { "type": "text", "text": "now?" }] },
    ]);
    let body = json!({ "messages": messages, "temperature": 0, "max_tokens": 50 });
    let response = server.post("/v1/chat/completions", &body).await;
    assert_eq!(response.headers()["x-wheelhouse-dropped-messages"], "2");
    assert_eq!(response.json::<Value>().await.unwrap()["choices"][0]["message"]["content"], "and now?");
    let (status, answer) =
        server.ask("/v1/chat/completions", &with(body.clone(), json!({ "truncation": "disabled" }))).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("context_length_exceeded")));

    let long = json!({ "messages": [{ "role": "system", "content": "facts ".repeat(50) }, { "role": "user", "content": "q" }], "max_tokens": 20 });
    let (status, answer) = server.ask("/v1/chat/completions", &long).await;
    let error = &answer["error"];
    assert_eq!(
        (status, &error["code"], &error["type"]),
        (400, &json!("context_length_exceeded"), &json!("invalid_request_error"))
    );
    assert!(error["message"].as_str().unwrap().contains("200 tokens"), "{error}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_openais_shape() {
    let server = Server::usual().await;
    let message = json!([{ "role": "user", "content": "q" }]);
    let cases = [
        (json!({}), 400, "invalid_request", json!("messages")),
        (json!({ "messages": [] }), 400, "invalid_request", json!("messages")),
        (
            json!({ "messages": [{ "role": "tool", "content": "x" }] }),
            400,
            "invalid_request",
            json!("messages[0].role"),
        ),
        (
            json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url" }] }] }),
            400,
            "invalid_request",
            json!("messages[0].content"),
        ),
        (json!({ "messages": message, "model": "gpt-4o" }), 404, "model_not_found", json!("model")),
        (json!({ "messages": message, "temperature": 3 }), 400, "invalid_request", json!("temperature")),
        (json!({ "messages": message, "n": 2 }), 400, "unsupported_parameter", json!("n")),
        (
            json!({ "messages": message, "tools": [{ "type": "function" }] }),
            400,
            "unsupported_parameter",
            json!("tools"),
        ),
        (json!({ "messages": message, "max_tokens": 0 }), 400, "invalid_request", json!("max_tokens")),
        (json!({ "messages": message, "max_tokens": 100_000 }), 400, "context_length_exceeded", json!("messages")),
        (json!({ "messages": message, "top_logprobs": 2 }), 400, "invalid_request", json!("top_logprobs")),
        (json!({ "messages": message, "stream_options": {} }), 400, "invalid_request", json!("stream_options")),
        (json!([]), 400, "invalid_request", json!(null)),
    ];
    for (body, expected, code, param) in cases {
        let (status, answer) = server.ask("/v1/chat/completions", &body).await;
        let error = &answer["error"];
        assert_eq!((status, &error["code"], &error["param"]), (expected, &json!(code), &param), "{body}: {answer}");
        assert!(error["message"].is_string() && error["type"] == "invalid_request_error");
    }
    let raw = server
        .client
        .post(format!("{}/v1/chat/completions", server.base))
        .body("{\"messages\": ")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (raw.status().as_u16(), raw.json::<Value>().await.unwrap()["error"]["code"].clone()),
        (400, json!("invalid_request"))
    );
    let large = question(&"x".repeat(5 << 20));
    assert_eq!(server.ask("/v1/chat/completions", &large).await.0, 413);
    let get = server.client.get(format!("{}/v1/chat/completions", server.base)).send().await.unwrap();
    assert_eq!(
        (get.status().as_u16(), get.json::<Value>().await.unwrap()["error"]["code"].clone()),
        (405, json!("method_not_allowed"))
    );
    server.end().await;
}
