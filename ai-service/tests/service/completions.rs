//! `/v1/completions`, `/v1/models`, `/v1/embeddings`.

use serde_json::{Value, json};

use crate::support::{Server, pieces};

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_gone_on_with() {
    let server = Server::usual().await;
    let ask = async |body: Value| server.ask("/v1/completions", &body).await;
    // Outside a conversation the scripted model says the alphabet.
    let (status, answer) =
        ask(json!({ "model": "scripted", "prompt": "abc", "max_tokens": 4, "temperature": 0 })).await;
    assert_eq!(
        (status, &answer["object"], &answer["choices"][0]["text"]),
        (200, &json!("text_completion"), &json!("defg"))
    );
    assert_eq!(
        answer["usage"],
        json!({ "prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8, "prompt_tokens_details": { "cached_tokens": 0 } })
    );
    let (_, answer) =
        ask(json!({ "prompt": ["abc"], "temperature": 0, "echo": true, "logprobs": 2, "max_tokens": 2 })).await;
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["text"], &choice["logprobs"]["tokens"], &choice["logprobs"]["text_offset"]),
        (&json!("abcde"), &json!(["d", "e"]), &json!([3, 4]))
    );
    assert_eq!(choice["logprobs"]["top_logprobs"][0].as_object().unwrap().len(), 2);
    let (_, answer) = ask(json!({ "prompt": [256, 120], "temperature": 0, "max_tokens": 3 })).await;
    assert_eq!(
        (&answer["choices"][0]["text"], &answer["choices"][0]["finish_reason"]),
        (&json!("yza"), &json!("length"))
    );
    let (_, answer) = ask(json!({ "prompt": "a", "temperature": 0 })).await;
    assert_eq!(answer["usage"]["completion_tokens"], 16, "OpenAI's default");
    for wrong in [
        json!({}),
        json!({ "prompt": ["a", "b"] }),
        json!({ "prompt": [100_000] }),
        json!({ "prompt": "a", "suffix": "b" }),
        json!({ "prompt": "a", "best_of": 3 }),
        json!({ "prompt": "a", "max_tokens": 5000 }),
    ] {
        assert_eq!(ask(wrong.clone()).await.0, 400, "{wrong}");
    }
    let body = json!({ "prompt": "x", "max_tokens": 3, "temperature": 0, "stream": true, "stream_options": { "include_usage": true } });
    let (pieces, done) = pieces(server.post("/v1/completions", &body).await).await;
    let text: String = pieces.iter().filter_map(|piece| piece["choices"][0]["text"].as_str()).collect();
    assert!(done && text == "yza", "{pieces:?}");
    assert_eq!(pieces.last().unwrap()["usage"]["total_tokens"], 5);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_never_a_special_token() {
    let server = Server::usual().await;
    let (_, answer) =
        server.ask("/v1/completions", &json!({ "prompt": "<|user|>", "max_tokens": 1, "temperature": 0 })).await;
    assert_eq!(answer["usage"]["prompt_tokens"], 1 + "<|user|>".len());
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_listed_and_embeddings_are_not_there() {
    let server = Server::usual().await;
    let get = async |path: &str| {
        let response = server.client.get(format!("{}{path}", server.base)).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, list) = get("/v1/models").await;
    assert_eq!(
        (status, &list["object"], &list["data"][0]["id"], &list["data"][0]["object"]),
        (200, &json!("list"), &json!("scripted"), &json!("model"))
    );
    assert_eq!(get("/v1/models/scripted").await.1, list["data"][0]);
    assert_eq!(get("/v1/models/some/other").await.0, 404);
    assert_eq!(get("/v1/nothing").await.1["error"]["code"], "not_found");
    let (status, answer) = server.ask("/v1/embeddings", &json!({ "model": "scripted", "input": "x" })).await;
    assert_eq!((status, &answer["error"]["code"]), (501, &json!("not_implemented")));
    server.end().await;
}
