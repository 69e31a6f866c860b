//! A part of the tree that is rendered again only when what it shows differs.

use crate::app::Scope;
use std::ops::Deref;
use std::rc::Rc;
use yew::{Component, Context, Html, Properties};

/// Something large that is made anew when it changes: the same one is equal, without a look inside.
#[derive(Debug)]
pub(crate) struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// A new one.
    pub(crate) fn new(what: T) -> Self {
        Self(Rc::new(what))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What a part shows, and what draws it.
#[derive(Clone, Properties)]
pub(crate) struct Props<T: PartialEq + Clone + 'static> {
    /// What it shows.
    pub(crate) view: T,
    /// Draws it.
    pub(crate) draw: fn(&T, &Scope) -> Html,
    /// The page that hears of what is done with it.
    pub(crate) link: Scope,
}

impl<T: PartialEq + Clone + 'static> PartialEq for Props<T> {
    fn eq(&self, other: &Self) -> bool {
        self.view == other.view
    }
}

/// The component.
pub(crate) struct Memo<T>(std::marker::PhantomData<T>);

impl<T: PartialEq + Clone + 'static> Component for Memo<T> {
    type Message = ();
    type Properties = Props<T>;

    fn create(_: &Context<Self>) -> Self {
        Self(std::marker::PhantomData)
    }
    fn changed(&mut self, ctx: &Context<Self>, old: &Props<T>) -> bool {
        ctx.props() != old
    }
    fn view(&self, ctx: &Context<Self>) -> Html {
        let Props { view, draw, link } = ctx.props();
        draw(view, link)
    }
}
