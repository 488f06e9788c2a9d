//! The terminal, taken and given back: at the end, at an error, and when the program panics.

use std::io::{self, Write, stdout};

use ratatui::{DefaultTerminal, Frame};

/// The whole terminal, until this is dropped.
pub struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal. A panic gives it back before it says what happened.
    pub fn enter() -> io::Result<Self> {
        ratatui::try_init().map(Self).inspect_err(|_| ratatui::restore())
    }

    /// Shows what `draw` draws.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.0.draw(draw).map(drop)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Where the terminal is gone there is nothing to give back.
        let _ = self.0.show_cursor();
        let _ = ratatui::try_restore();
        let _ = stdout().flush();
    }
}
