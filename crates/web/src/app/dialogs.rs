//! What lies over the page: dialogs, the hint of a first visit, notices.

use super::effect::{Effect, Effects, Facts, Page};
pub(crate) use super::msg::dialogs::{Dialog, Msg, Notice};
use super::msg::{play, text};
use podplay_timeline::Ask;

/// What lies over the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dialogs {
    /// The open dialog.
    pub(crate) dialog: Option<Dialog>,
    /// Whether the hint of a first visit is there.
    pub(crate) hint: bool,
    /// The note above the page.
    pub(crate) notice: Option<Notice>,
    /// Whether something of the dialog was copied.
    pub(crate) copied: bool,
    /// Whether links carry the moment.
    pub(crate) share_moment: bool,
    /// The lane that the table shows.
    pub(crate) table_lane: Option<usize>,
}

impl Dialogs {
    /// A page that begins.
    pub(crate) const fn new(hint: bool, notice: Option<Notice>) -> Self {
        Self { dialog: None, hint, notice, copied: false, share_moment: true, table_lane: None }
    }

    /// Everything that can happen to it.
    pub(crate) fn update(&mut self, msg: Msg, facts: &Facts) -> Effects {
        match msg {
            Msg::Show(dialog) => return self.show(dialog, facts),
            Msg::Acted => {
                if std::mem::take(&mut self.hint) {
                    return vec![Effect::Page(Page::ReadHint), Effect::Draw];
                }
            }
            Msg::HintRead => {
                self.hint = false;
                return vec![Effect::Page(Page::ReadHint)];
            }
            Msg::NoHint => self.hint = false,
            Msg::Notice(notice) => self.notice = notice,
            Msg::Copy(text) => {
                self.copied = true;
                return vec![Effect::Page(Page::Copy(text))];
            }
            Msg::ShareMoment(on) => self.share_moment = on,
            Msg::TableLane(lane) => self.table_lane = lane,
            Msg::Download(name, kind, text) => {
                return vec![Effect::Page(Page::Download(name, kind, text))];
            }
            Msg::SaveTrace => return vec![Effect::Page(Page::SaveTrace)],
        }
        Vec::new()
    }

    fn show(&mut self, dialog: Option<Dialog>, facts: &Facts) -> Effects {
        self.dialog = dialog;
        self.copied = false;
        let mut effects = Vec::new();
        if dialog.is_some() && facts.playing {
            effects.push(Effect::Do(play::Msg::Ask(Ask::Pause).into()));
        }
        if dialog == Some(Dialog::Share) {
            effects.push(Effect::Do(text::Msg::AskDigest.into()));
        }
        effects
    }
}
