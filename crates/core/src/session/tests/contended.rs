use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Instant,
};

use super::*;

/// Who had to merge was overtaken a thousand times by one other who saved in a loop, and lost what he had changed.
#[test]
fn who_is_overtaken_again_and_again_saves_once_nobody_is_quicker() {
    const LOOP: Duration = Duration::from_millis(300);
    let visit = visit();
    let id = Id::Issued(SessionId::issue(visit.store.secret(), &visit.cookie_name).unwrap());
    let many: Vec<_> = (0..300).map(|number| (format!("name{number}"), Value::Int(number))).collect();
    let with = |name: &str| {
        let all = many.iter().map(|(name, value)| (key(name), value.clone()));
        root_of(&visit, &Value::Map(all.chain([(key(name), Value::Int(1))]).collect()))
    };
    let before = save(&visit, &id, None, tree(&with("before"))).unwrap().base;
    let (theirs, ours) = ([with("a"), with("b")], with("ours"));
    let (has_begun, is_done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let begun = Instant::now();
            for root in theirs.iter().cycle() {
                let Found::Session { base, .. } = load(&visit, &id).unwrap() else { panic!("it is there") };
                if is_done.load(Relaxed) || begun.elapsed() > LOOP {
                    break;
                }
                save(&visit, &id, Some(&base), tree(root)).unwrap();
                has_begun.store(true, Relaxed);
            }
        });
        while !has_begun.load(Relaxed) {
            thread::yield_now();
        }
        let saved = save(&visit, &id, Some(&before), tree(&ours));
        is_done.store(true, Relaxed);
        let saved = saved.unwrap();
        assert!(saved.merged);
        assert!(names(&saved.base).contains(&"ours".into()));
    });
}
