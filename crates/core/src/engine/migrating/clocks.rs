use crate::{engine::Engine, time::Timestamp};

/// In milliseconds. Clocks that differ by less are taken for one: that much two readings of one clock may be apart on a busy
/// machine.
const SAME: u64 = 5000;

/// How far the old store's clock is from the new one's, in milliseconds. A shared file's does not follow the steps of the wall
/// clock, by which a server's users go, so what is an hour from its end in one store must be so in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clocks {
    old_ahead: u64,
    new_ahead: u64,
}

impl Clocks {
    pub(super) fn read(old: &dyn Engine, new: &dyn Engine) -> Self {
        Self::apart(old.now(), new.now())
    }

    fn apart(old: Timestamp, new: Timestamp) -> Self {
        let (old, new) = (old.as_millis(), new.as_millis());
        if old.abs_diff(new) < SAME {
            return Self::default();
        }
        Self { old_ahead: old.saturating_sub(new), new_ahead: new.saturating_sub(old) }
    }

    /// A point in time of the new store, by the old one's clock.
    pub(super) fn to_old(self, time: Timestamp) -> Timestamp {
        shift(time, self.new_ahead, self.old_ahead)
    }

    /// A point in time of the old store, by the new one's clock.
    pub(super) fn to_new(self, time: Timestamp) -> Timestamp {
        shift(time, self.old_ahead, self.new_ahead)
    }
}

fn shift(time: Timestamp, back: u64, on: u64) -> Timestamp {
    if time == Timestamp::NEVER {
        return time;
    }
    Timestamp::from_millis(time.as_millis().saturating_sub(back).saturating_add(on))
}

#[cfg(test)]
mod tests {
    use super::{Clocks, Timestamp};

    #[test]
    fn what_ends_in_an_hour_ends_in_an_hour_by_the_other_clock() {
        let at = Timestamp::from_millis;
        for (old, new) in [(10_000_000, 90_000_000), (90_000_000, 10_000_000)] {
            let clocks = Clocks::apart(at(old), at(new));
            assert_eq!(clocks.to_new(at(old + 3_600_000)), at(new + 3_600_000));
            assert_eq!(clocks.to_old(at(new + 3_600_000)), at(old + 3_600_000));
            assert_eq!(clocks.to_old(Timestamp::NEVER), Timestamp::NEVER);
        }
        let same = Clocks::apart(at(1_000_000), at(1_004_999));
        assert_eq!(same.to_old(at(7)), at(7), "two looks at one clock");
    }
}
