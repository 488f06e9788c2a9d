//! How it looks: on 80 columns and 24 lines, and on more.

use std::time::Duration;

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Bar, BarChart, BarGroup, LineGauge, Paragraph, Sparkline},
};

use super::history::History;
use crate::{
    colour,
    figures::{COUNTERS, rate_text},
    shown::{cut, escaped, number, size, span},
};

/// Of the counters, those that have a line: what tells how a site does. The others are said in one.
const LINES: usize = 8;
/// Name, rate and total in front of a line's curve.
const BEFORE: u16 = 38;

/// What is shown.
pub struct View<'v> {
    pub store: &'v str,
    /// On servers, which count nothing for us.
    pub is_far: bool,
    pub history: &'v History,
    pub interval: Duration,
    pub is_paused: bool,
    /// Why nothing newer is known.
    pub error: Option<&'v str>,
}

fn coloured(colour: Color) -> Style {
    if colour::is_unwanted() { Style::new() } else { Style::new().fg(colour) }
}

fn bold() -> Style {
    if colour::is_unwanted() { Style::new() } else { Style::new().add_modifier(Modifier::BOLD) }
}

impl View<'_> {
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let counters = if self.is_far { 2 } else { u16::try_from(LINES).unwrap_or_default() + 3 };
        let [head, _, facts, memory, _, rates, shards, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(counters),
            Constraint::Min(2),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        self.head(frame, head);
        self.facts(frame, facts);
        self.memory(frame, memory);
        if self.is_far {
            frame.render_widget(
                Paragraph::new("What happens per second is counted by each PHP process for itself where servers \nkeep the sessions."),
                rates,
            );
        } else {
            self.rates(frame, rates);
        }
        self.shards(frame, shards);
        let keys = "q quit   p pause   + slower   - faster";
        frame.render_widget(Paragraph::new(keys).style(coloured(Color::DarkGray)), foot);
    }

    fn head(&self, frame: &mut Frame<'_>, area: Rect) {
        let state = match (self.error, self.is_paused) {
            (Some(error), _) => Span::styled(escaped(error.as_bytes()), coloured(Color::Red)),
            (None, true) => Span::styled("paused", bold()),
            (None, false) => Span::raw(format!("every {} s", self.interval.as_secs_f64())),
        };
        let most = usize::from(area.width).saturating_sub(12 + state.content.chars().count()).max(20);
        let store = cut(&escaped(self.store.as_bytes()), most);
        let line =
            Line::from(vec![Span::styled("holdfast ", bold()), Span::raw(store), Span::raw("   "), state]);
        frame.render_widget(Paragraph::new(line), area);
    }

    fn facts(&self, frame: &mut Frame<'_>, area: Rect) {
        let stats = &self.history.last().whole;
        let mut text = format!("{} records", number(stats.sessions));
        if !self.is_far {
            text = format!(
                "{text}, {} of guests   {} locks recovered, {} repairs, {} damaged",
                number(stats.guests),
                number(stats.recovered_locks),
                number(stats.repairs),
                number(stats.damaged)
            );
        }
        frame.render_widget(Paragraph::new(text), area);
    }

    fn memory(&self, frame: &mut Frame<'_>, area: Rect) {
        let stats = &self.history.last().whole;
        let (used, most) = (stats.used_bytes, stats.capacity_bytes);
        if most == 0 {
            frame.render_widget(Paragraph::new(format!("{} in use, without a bound", size(used))), area);
            return;
        }
        #[allow(clippy::cast_precision_loss, reason = "it is a number of columns")]
        let ratio = (used as f64 / most as f64).clamp(0.0, 1.0);
        let colour = if ratio < 0.9 { Color::Green } else { Color::Red };
        let gauge = LineGauge::default()
            .label(format!("{} of {} in use ({:.0} %)", size(used), size(most), ratio * 100.0))
            .filled_symbol("█")
            .unfilled_symbol("░")
            .filled_style(coloured(colour))
            .unfilled_style(coloured(Color::DarkGray))
            .ratio(ratio);
        frame.render_widget(gauge, area);
    }

    fn rates(&self, frame: &mut Frame<'_>, area: Rect) {
        let mut rows = area.rows();
        let Some(head) = rows.next() else { return };
        let columns = usize::from(area.width.saturating_sub(BEFORE));
        let title = format!("{:11}{:>10}{:>15}", "", "per second", "in all");
        let since =
            format!("  the last {}", span(self.interval * u32::try_from(columns).unwrap_or_default()));
        frame.render_widget(Paragraph::new(format!("{title}{since}")).style(bold()), head);
        for ((place, counter), row) in COUNTERS.iter().enumerate().take(LINES).zip(rows) {
            let rates = self.history.rates(place);
            let now = rates.back().map_or_else(|| "-".to_owned(), |rate| rate_text(*rate));
            let total = number((counter.of)(&self.history.last().whole));
            let text = format!("{:11}{now:>10}{total:>15}", counter.title);
            let [left, right] =
                Layout::horizontal([Constraint::Length(BEFORE), Constraint::Min(0)]).areas(row);
            frame.render_widget(Paragraph::new(text), left);
            // A rate below one still has a height.
            let newest = rates.iter().skip(rates.len().saturating_sub(columns));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are neither")]
            let heights: Vec<u64> = newest.map(|rate| (rate * 10.0).ceil() as u64).collect();
            frame.render_widget(Sparkline::default().data(heights).style(coloured(Color::Cyan)), right);
        }
    }

    fn shards(&self, frame: &mut Frame<'_>, area: Rect) {
        let parts = &self.history.last().parts;
        let most = parts.iter().map(|part| part.used_bytes).max().unwrap_or_default();
        let what = if self.is_far { "server" } else { "shard" };
        let [head, chart] = Layout::vertical([Constraint::Length(1), Constraint::Min(1)]).areas(area);
        let title = format!("memory by {what}: {} of them, the largest has {}", parts.len(), size(most));
        frame.render_widget(Paragraph::new(title).style(bold()), head);
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX).max(1);
        let each = (chart.width / count).clamp(1, 8);
        let gap = u16::from(each > 2);
        let bars: Vec<Bar<'_>> =
            parts.iter().map(|part| Bar::default().value(part.used_bytes).text_value("")).collect();
        let bars = BarChart::default()
            .data(BarGroup::default().bars(&bars))
            .max(most.max(1))
            .bar_width(each - gap)
            .bar_gap(gap)
            .bar_style(coloured(Color::Blue));
        frame.render_widget(bars, chart);
    }
}

#[cfg(test)]
mod tests {
    use holdfast_core::engine::Stats;
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::figures::Sample;

    fn drawn(width: u16, height: u16, is_far: bool, error: Option<&str>) -> Vec<String> {
        let part = |used_bytes| Stats { sessions: 10, used_bytes, ..Stats::default() };
        let sample = |commits| Sample {
            whole: Stats {
                sessions: 1_234_567,
                guests: 1000,
                capacity_bytes: 64 << 20,
                used_bytes: 32 << 20,
                commits,
                ..Stats::default()
            },
            parts: (1..=16).map(|n| part(n << 20)).collect(),
        };
        let mut history = History::begin(sample(0));
        history.add(sample(1000));
        history.add(sample(1000));
        let view = View {
            store: "shared:///a/place\x1b[2J",
            is_far,
            history: &history,
            interval: Duration::from_millis(500),
            is_paused: false,
            error,
        };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view.draw(frame)).unwrap();
        let buffer = terminal.backend().buffer();
        (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn everything_has_its_place_on_80_columns_and_24_lines() {
        let lines = drawn(80, 24, false, None);
        let all = lines.join("\n");
        assert!(lines[0].contains("shared:///a/place\\u{1b}[2J   every 0.5 s"), "{all}");
        assert!(lines[2].contains("1,234,567 records, 1,000 of guests"), "{all}");
        assert!(lines[3].contains("32 MiB of 64 MiB in use (50 %)") && lines[3].contains("█░"), "{all}");
        for name in ["commits", "merges", "conflicts", "lock waits", "evicted", "throttled", "refused"] {
            assert!(lines.iter().any(|line| line.starts_with(name)), "{name}: {all}");
        }
        let commits = lines.iter().find(|line| line.starts_with("commits")).unwrap();
        assert!(commits.contains(" 1,000") && commits.contains('█'), "{all}");
        assert!(all.contains("memory by shard: 16 of them, the largest has 16 MiB"), "{all}");
        let columns = |line: &str| line.chars().filter(|shown| *shown == '█').count();
        let lowest = &lines[22];
        assert!(columns(lowest) > 40, "the bars stand on the last line but one: {all}");
        assert!(lines[23].starts_with("q quit"), "{all}");
    }

    #[test]
    fn a_store_on_servers_and_an_error_are_shown_and_any_size_is_drawn() {
        let far = drawn(80, 24, true, Some("session store redis://h: gone")).join("\n");
        assert!(far.contains("memory by server") && !far.contains("conflicts"), "{far}");
        assert!(far.contains("redis://h: gone"), "{far}");
        for (width, height) in [(1, 1), (10, 3), (20, 10), (40, 12), (300, 100)] {
            let _ = drawn(width, height, false, None);
        }
    }
}
