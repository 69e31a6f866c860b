//! What an update may know of the other parts.

use super::effect::Facts;
use super::{App, Dialog};
use crate::dom;
use std::rc::Rc;

impl App {
    /// As things stand.
    pub(super) fn facts(&mut self) -> Facts {
        let lang = self.prefs.lang;
        Facts {
            lang,
            text: Rc::clone(&self.text.text),
            rev: self.play.rev,
            id: self.io.next_id(),
            current: self.text.is_current() && self.text.held.is_none(),
            waiting: self.text.is_waiting(),
            frame: Rc::clone(&self.play.frame),
            sharing: self.dialogs.dialog == Some(Dialog::Share),
            readonly: self.is_readonly(),
            embedded: self.host.is_some(),
            autoplay: dom::asked("autoplay").is_some(),
            still: dom::matches("(prefers-reduced-motion: reduce)"),
            at: self.play.control.at(),
            end: self.play.end,
            known: self.play.known,
            records: self.play.moments.len(),
            playing: self.play.control.playing(),
            look: self.view.look(lang.protocol()),
            chosen: self.view.chosen,
            lesson: self.lessons.open,
            now: dom::now(),
        }
    }
}
