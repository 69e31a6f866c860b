//! Manifests to start from, in our own words.

use crate::lang::Lang;

/// An example.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    /// Its id, for tests.
    pub(crate) id: &'static str,
    /// Its title.
    pub(crate) title: fn(Lang) -> &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

/// All of them; the first is the one that a first visit shows.
pub(crate) const ALL: [Example; 12] = [
    Example {
        id: "liveness",
        title: Lang::ex_liveness,
        text: include_str!("../examples/liveness.yaml"),
    },
    Example {
        id: "two",
        title: Lang::ex_two,
        text: include_str!("../examples/two-containers.yaml"),
    },
    Example { id: "init", title: Lang::ex_init, text: include_str!("../examples/init.yaml") },
    Example { id: "probes", title: Lang::ex_probes, text: include_str!("../examples/probes.yaml") },
    Example {
        id: "sidecar",
        title: Lang::ex_sidecar,
        text: include_str!("../examples/sidecar.yaml"),
    },
    Example {
        id: "crash",
        title: Lang::ex_crash,
        text: include_str!("../examples/crash-loop.yaml"),
    },
    Example {
        id: "prestop",
        title: Lang::ex_prestop,
        text: include_str!("../examples/prestop.yaml"),
    },
    Example {
        id: "flap",
        title: Lang::ex_flap,
        text: include_str!("../examples/readiness-flap.yaml"),
    },
    Example {
        id: "rollout",
        title: Lang::ex_rollout,
        text: include_str!("../examples/rollout.yaml"),
    },
    Example {
        id: "loses",
        title: Lang::ex_loses,
        text: include_str!("../../../tests/scenarios/rollout-loses-requests.yaml"),
    },
    Example {
        id: "keeps",
        title: Lang::ex_keeps,
        text: include_str!("../../../tests/scenarios/rollout-keeps-requests.yaml"),
    },
    Example {
        id: "gate",
        title: Lang::ex_gate,
        text: include_str!("../../../tests/scenarios/readiness-gate.yaml"),
    },
];

/// What a first visit shows.
pub(crate) const FIRST: Example = ALL[0];
