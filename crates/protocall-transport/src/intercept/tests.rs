//! Hooks in their order, and told of the end exactly once.

use super::*;
use std::sync::Mutex;

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down what it sees, and adds its mark to messages.
struct Marks(&'static str, Log);

impl Marks {
    fn note(&self, what: &str) {
        self.1.lock().unwrap().push(format!("{} {what}", self.0));
    }

    fn mark(&self, message: &mut Bytes) {
        *message = [message, self.0.as_bytes()].concat().into();
    }
}

impl CallHooks for Marks {
    fn takes_messages(&self) -> bool {
        true
    }

    fn request(&mut self, message: &mut Bytes) -> Result<(), Status> {
        self.mark(message);
        Ok(())
    }

    fn response(&mut self, message: &mut Bytes) -> Result<(), Status> {
        self.mark(message);
        Ok(())
    }

    fn end(&mut self, outcome: &mut Outcome) {
        let what = outcome.as_ref().err().map_or_else(|| "OK".to_owned(), ToString::to_string);
        self.note(&what);
    }
}

fn two() -> (Arc<Hooks>, Log) {
    let log = Log::default();
    let hooks: Vec<Box<dyn CallHooks>> =
        vec![Box::new(Marks("a", log.clone())), Box::new(Marks("b", log.clone()))];
    (Hooks::new(hooks), log)
}

#[test]
fn requests_pass_in_order_and_responses_in_the_opposite_one() {
    let (hooks, _) = two();
    let request = hooks.incoming(Passed::Request, Bytes::from_static(b"-")).unwrap();
    assert_eq!(request, "-ab");
    let response = hooks.incoming(Passed::Response, Bytes::from_static(b"-")).unwrap();
    assert_eq!(response, "-ba");
}

#[test]
fn the_end_is_told_once_and_the_outermost_last() {
    let (hooks, log) = two();
    hooks.end(&mut Ok(Metadata::new()));
    hooks.end(&mut Err(Status::internal("again")));
    drop(hooks);
    assert_eq!(*log.lock().unwrap(), ["b OK", "a OK"]);
}

#[test]
fn a_call_that_is_dropped_was_cancelled() {
    let (hooks, log) = two();
    drop(hooks);
    let told = "CANCELLED: the call was dropped";
    assert_eq!(*log.lock().unwrap(), [format!("b {told}"), format!("a {told}")]);

    let log = Log::default();
    let mut beginning =
        Beginning::on_client(Path::fixed("/a/B"), Metadata::new(), CallOptions::default());
    beginning.hook(Marks("c", log.clone()));
    drop(beginning);
    assert_eq!(*log.lock().unwrap(), [format!("c {told}")]);
}

#[test]
fn scopes_are_nested() {
    struct Nested(&'static str, Log);
    impl Scope for Nested {
        fn enter(&mut self, poll: &mut dyn FnMut()) {
            self.1.lock().unwrap().push(format!("enter {}", self.0));
            poll();
            self.1.lock().unwrap().push(format!("leave {}", self.0));
        }
    }
    let log = Log::default();
    let mut scopes: Vec<Box<dyn Scope>> =
        vec![Box::new(Nested("a", log.clone())), Box::new(Nested("b", log.clone()))];
    within(&mut scopes, &mut || log.lock().unwrap().push("work".to_owned()));
    assert_eq!(*log.lock().unwrap(), ["enter a", "enter b", "work", "leave b", "leave a"]);
}
