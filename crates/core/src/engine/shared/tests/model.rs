use super::*;

/// A linear congruential generator: a test that fails says with which seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn length(&mut self) -> usize {
        let most = 1 << self.below(16);
        1 + self.below(most) as usize
    }
}

#[test]
fn r29_random_operations_agree_with_a_map_and_leave_nothing_behind() {
    for seed in 0..6 {
        let directory = TempDir::new().unwrap();
        let engine = SharedEngine::open(options(&directory, 16 << 20)).unwrap();
        let mut random = Random(seed);
        let mut map: HashMap<u64, (Version, Vec<u8>)> = HashMap::new();
        for step in 0..20_000 {
            let number = random.below(300);
            let key = key(number);
            match random.below(10) {
                0..=4 => {
                    let record = record(step, random.length());
                    let expect = map.get(&number).map_or(Expect::Absent, |(v, _)| Expect::Version(*v));
                    let version = stored(engine.commit(&key, expect, write(&record), NOW));
                    map.insert(number, (version, record));
                }
                5 => {
                    let destroyed = engine.destroy(&key, NOW).unwrap();
                    assert_eq!(destroyed, map.remove(&number).is_some());
                }
                _ => {
                    let loaded = engine.load(&key, NOW).unwrap();
                    let loaded = loaded.map(|stored| (stored.version, stored.record));
                    assert_eq!(loaded.as_ref(), map.get(&number), "seed {seed}, step {step}");
                }
            }
        }
        assert_eq!(engine.stats().unwrap().sessions, map.len() as u64);
        for &number in map.keys() {
            assert!(engine.destroy(&key(number), NOW).unwrap());
        }
        let stats = engine.stats().unwrap();
        assert_eq!((stats.sessions, stats.used_bytes, stats.repairs), (0, 0, 0));
    }
}

#[test]
fn r30_chosen_keys_fall_evenly_into_shards_and_lines() {
    const KEYS: u64 = 1_000_000;
    let directory = TempDir::new().unwrap();
    let opened = attach::attach(&options(&directory, 64 << 20)).unwrap();
    let geometry = opened.store.map.geometry;
    let mut shards = vec![0_u64; geometry.shards as usize];
    let mut lines = vec![0_u64; geometry.lines_per_shard as usize];
    // Keys that differ in few bits, at one place.
    for number in 0..KEYS {
        let address = opened.store.address(&key(number << 7));
        shards[address.shard as usize] += 1;
        lines[address.line as usize] += 1;
    }
    let worst = |counts: &[u64]| counts.iter().max().unwrap() * counts.len() as u64 * 100 / KEYS;
    assert!(worst(&shards) <= 130, "the worst shard has {} % of the mean", worst(&shards));
    assert!(worst(&lines) <= 130, "the worst line has {} % of the mean", worst(&lines));
    opened.store.close();
}
