//! Pictures that the page draws itself.

use yew::{Html, html};

/// The mark of the page.
pub(crate) fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <rect x="1" y="1" width="22" height="22" rx="6" class="logo-box" />
            <path d="M9 7.2v9.6l7.6-4.8z" class="logo-play" />
        </svg>
    }
}

/// A symbol of the transport by its path in a box of 20.
pub(crate) fn symbol(path: &'static str) -> Html {
    html! { <svg class="symbol" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d={path} /></svg> }
}

/// To play.
pub(crate) const PLAY: &str = "M6 3.6v12.8L16.4 10z";
/// To pause.
pub(crate) const PAUSE: &str = "M5 4h3.6v12H5zM11.4 4H15v12h-3.6z";
/// The record before.
pub(crate) const BACK: &str = "M4.4 4h2v12h-2zM15.6 4v12L7.4 10z";
/// The next record.
pub(crate) const ON: &str = "M13.6 4h2v12h-2zM4.4 4v12l8.2-6z";
/// To the start.
pub(crate) const START: &str = "M3.4 4h2v12h-2zM12 4v12l-6-6zM18 4v12l-6-6z";

/// Hatches for states, so that they differ without colour.
pub(crate) fn patterns() -> Html {
    html! {
        <defs>
            <pattern id="hatch-stopping" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V7" class="hatch hatch-stopping" /></pattern>
            <pattern id="hatch-backoff" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0V7" class="hatch hatch-backoff" /></pattern>
            <pattern id="hatch-failed" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M0 0L6 6M6 0L0 6" class="hatch hatch-failed" /></pattern>
            <pattern id="hatch-waiting" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="3" cy="3" r="0.9" class="dots dots-waiting" /></pattern>
            <pattern id="hatch-pulling" width="8" height="6" patternUnits="userSpaceOnUse"><path d="M0 3H4" class="hatch hatch-pulling" /></pattern>
            <pattern id="hatch-unready" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V9" class="hatch hatch-unready" /></pattern>
        </defs>
    }
}

/// The hatch of a state, if it has one.
pub(crate) fn hatch(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "stopping" => "url(#hatch-stopping)",
        "backoff" => "url(#hatch-backoff)",
        "failed" | "fault" => "url(#hatch-failed)",
        "waiting" | "none" => "url(#hatch-waiting)",
        "pulling" => "url(#hatch-pulling)",
        "unready" | "some" | "false" => "url(#hatch-unready)",
        _ => return None,
    })
}
