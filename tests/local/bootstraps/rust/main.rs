//! A function in Rust on AWS's own client; what it does is the event's to say.

use lambda_runtime::{service_fn, Diagnostic, Error, LambdaEvent};
use serde_json::{json, Value};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug)]
struct OutOfStock(String);

impl From<OutOfStock> for Diagnostic {
    fn from(error: OutOfStock) -> Diagnostic {
        Diagnostic {
            error_type: "OutOfStock".into(),
            error_message: error.0,
        }
    }
}

static SERVED: AtomicU32 = AtomicU32::new(0);

async fn handle(event: LambdaEvent<Value>) -> Result<Value, OutOfStock> {
    let served = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
    let (payload, context) = event.into_parts();
    let value = payload["value"].as_str().unwrap_or_default().to_string();
    match payload["do"].as_str().unwrap_or_default() {
        "context" => {
            return Ok(json!({
                "request_id": context.request_id,
                "invoked_function_arn": context.invoked_function_arn,
                "function_name": context.env_config.function_name,
                "memory": context.env_config.memory,
                "custom": context.client_context.map(|client| client.custom),
                "deadline": context.deadline,
                "trace": context.xray_trace_id.is_some(),
            }))
        }
        "print" => println!("{value}"),
        "fail" => return Err(OutOfStock(value)),
        "panic" => panic!("{value}"),
        "exit" => std::process::exit(3),
        _ => {}
    }
    Ok(json!({ "value": value, "served": served }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
