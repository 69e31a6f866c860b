//! A part of the tree that is rendered again only when its version changes.

use std::rc::Rc;
use yew::{Component, Context, Html, Properties};

/// A version, and what renders it.
#[derive(Clone, Properties)]
pub(crate) struct Props {
    /// Counts up with each change.
    pub(crate) version: u64,
    /// Renders the part.
    pub(crate) content: Content,
}

/// What renders a part.
#[derive(Clone)]
pub(crate) struct Content(Rc<dyn Fn() -> Html>);

impl Content {
    /// A part that `render` renders.
    pub(crate) fn new(render: impl Fn() -> Html + 'static) -> Self {
        Self(Rc::new(render))
    }
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// The component.
pub(crate) struct Memo;

impl Component for Memo {
    type Message = ();
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self
    }
    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        ctx.props() != old
    }
    fn view(&self, ctx: &Context<Self>) -> Html {
        (ctx.props().content.0)()
    }
}
