use std::time::{Duration, Instant};

/// For how long somebody tries who is overtaken again and again.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Tries before the clock is looked at.
const FIRST: u32 = 1000;

/// Tries of what others may overtake. Each fails only because somebody else's has succeeded; but who has to put his changes
/// on top of others' takes longer than who saves alone, and one other in a loop can overtake him as long as the loop lasts.
pub fn tries() -> impl Iterator<Item = ()> {
    let mut begun = None;
    (0_u32..).map_while(move |made| {
        let is_time_to_look = made >= FIRST && made.is_multiple_of(64);
        let goes_on = !is_time_to_look || begun.get_or_insert_with(Instant::now).elapsed() < PATIENCE;
        goes_on.then_some(())
    })
}
