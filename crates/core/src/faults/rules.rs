//! The faults in force as a list of rules. What a node, a container or a registry can do is folded from the list,
//! so faults compose in any order, and the effect of one ends when the last rule that asks for it does.

use crate::ids::RecordId;
use podplay_api::Fault;
use podplay_api::fault::{Cut, Images, Place, Scarce, Timed, Whom};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A fault in force.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The fault.
    pub timed: Arc<Timed>,
    /// The record of its beginning.
    pub record: RecordId,
    /// The node that it means, where it means one.
    pub node: Option<Arc<str>>,
    /// The images that it means: those that its pod used when it began.
    pub images: Vec<String>,
}

impl Rule {
    /// Whether it means this image.
    fn means(&self, image: &str) -> bool {
        match &self.timed.fault {
            Fault::ImageMissing { of }
            | Fault::RegistryDown { of }
            | Fault::SlowPull { of, .. } => match of {
                Images::All => true,
                Images::Named(wanted) => wanted == image,
                Images::Of(_) => self.images.iter().any(|used| used == image),
            },
            _ => false,
        }
    }
}

/// The faults in force, by number: in the order in which they began.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    list: BTreeMap<u32, Rule>,
}

/// What a node cannot do at the moment. The default is health.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeHealth {
    /// The machine is off.
    pub off: bool,
    /// The kubelet is kept from running.
    pub kubelet_down: bool,
    /// The node cannot reach the API server.
    pub cut_off: bool,
    /// It runs short of memory.
    pub short_of_memory: bool,
    /// It runs short of disk.
    pub short_of_disk: bool,
}

/// A container, or a pod as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The pod's namespace.
    pub namespace: &'a str,
    /// The pod's name.
    pub pod: &'a str,
    /// The node that the pod is on.
    pub node: &'a str,
    /// The container, where one is meant.
    pub container: Option<&'a str>,
}

impl Spot<'_> {
    /// Whether a fault's target is here.
    pub fn is_hit(&self, whom: &Whom) -> bool {
        whom.hits(self.namespace, self.pod, self.node, self.container)
    }
}

impl Rules {
    /// Whether nothing is broken.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// Brings a fault into force.
    pub(crate) fn begin(&mut self, number: u32, rule: Rule) {
        self.list.insert(number, rule);
    }
    /// Ends a fault.
    pub(crate) fn end(&mut self, number: u32) -> Option<Rule> {
        self.list.remove(&number)
    }
    /// The rules, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Rule> {
        self.list.values().rev()
    }
    /// What a node cannot do.
    pub fn node(&self, name: &str) -> NodeHealth {
        let mut health = NodeHealth::default();
        for rule in self.list.values().filter(|rule| rule.node.as_deref() == Some(name)) {
            match &rule.timed.fault {
                Fault::NodeDown { .. } => health.off = true,
                Fault::KubeletDown { .. } => health.kubelet_down = true,
                Fault::Partition { of: Cut::Node(_) } => health.cut_off = true,
                Fault::NodePressure { resource: Scarce::Memory, .. } => {
                    health.short_of_memory = true;
                }
                Fault::NodePressure { resource: Scarce::Disk, .. } => health.short_of_disk = true,
                _ => {}
            }
        }
        health
    }
    /// What the rules that hit a spot say, the newest first, each with the record of its beginning.
    pub fn at<'a, T: 'a>(
        &'a self,
        spot: &'a Spot<'_>,
        says: impl Fn(&'a Fault) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (T, RecordId)> + 'a {
        self.newest_first().filter_map(move |rule| {
            let Place::Pods(whom) = rule.timed.fault.place() else { return None };
            let said = says(&rule.timed.fault)?;
            spot.is_hit(whom).then_some((said, rule.record))
        })
    }
    fn any(&self, spot: &Spot<'_>, is: impl Fn(&Fault) -> bool) -> Option<RecordId> {
        self.at(spot, |fault| is(fault).then_some(())).next().map(|((), record)| record)
    }
    /// The container is alive and answers nothing.
    pub fn hangs(&self, spot: &Spot<'_>) -> Option<RecordId> {
        self.any(spot, |fault| matches!(fault, Fault::Hang { .. }))
    }
    /// The container listens on nothing.
    pub fn refuses(&self, spot: &Spot<'_>) -> Option<RecordId> {
        self.any(spot, |fault| matches!(fault, Fault::RefuseConnections { .. }))
    }
    /// The container does not react to the stop signal.
    pub fn ignores_sigterm(&self, spot: &Spot<'_>) -> Option<RecordId> {
        self.any(spot, |fault| matches!(fault, Fault::IgnoreSigterm { .. }))
    }
    /// How much later the container answers: as late as the slowest of several.
    pub fn slow(&self, spot: &Spot<'_>) -> Option<(Duration, RecordId)> {
        let by = |fault: &Fault| match fault {
            Fault::Slow { by, .. } => Some(*by),
            _ => None,
        };
        self.at(spot, by).max_by_key(|(by, _)| *by)
    }
    /// How much later the container starts.
    pub fn slow_start(&self, spot: &Spot<'_>) -> Option<(Duration, RecordId)> {
        let by = |fault: &Fault| match fault {
            Fault::SlowStart { by, .. } => Some(*by),
            _ => None,
        };
        self.at(spot, by).max_by_key(|(by, _)| *by)
    }
    /// The status that a fault answers a path with.
    pub fn http_status(&self, spot: &Spot<'_>, path: &str) -> Option<(u16, RecordId)> {
        let bare = path.split(['?', '#']).next().unwrap_or(path);
        let status = |fault: &Fault| match fault {
            Fault::FailHTTP { path: None, status, .. } => Some(*status),
            Fault::FailHTTP { path: Some(wanted), status, .. } => {
                (wanted == bare || wanted == path).then_some(*status)
            }
            _ => None,
        };
        self.at(spot, status).next()
    }
    /// Hooks of the container fail or hang; a failing one does not hang.
    pub fn hook(&self, spot: &Spot<'_>) -> Option<(HookFault, RecordId)> {
        let fails = self.any(spot, |fault| matches!(fault, Fault::HookFails { .. }));
        let hangs = || self.any(spot, |fault| matches!(fault, Fault::HookHangs { .. }));
        let hangs = || hangs().map(|record| (HookFault::Hangs, record));
        fails.map(|record| (HookFault::Fails, record)).or_else(hangs)
    }
    /// ConfigMaps and Secrets of the pod are gone.
    pub fn config_missing(&self, spot: &Spot<'_>) -> Option<RecordId> {
        self.any(spot, |fault| matches!(fault, Fault::ConfigMissing { .. }))
    }
    /// Nobody outside the node reaches the pod.
    pub fn partitioned(&self, spot: &Spot<'_>) -> Option<RecordId> {
        self.any(spot, |fault| matches!(fault, Fault::Partition { of: Cut::Pod(_) }))
    }
    /// Names do not resolve.
    pub fn dns_down(&self) -> Option<RecordId> {
        let mut rules = self.newest_first();
        rules.find(|rule| rule.timed.fault == Fault::DNSDown).map(|rule| rule.record)
    }
    /// The registry does not answer for the image.
    pub fn registry_down(&self, image: &str) -> Option<RecordId> {
        self.of_image(image, |fault| matches!(fault, Fault::RegistryDown { .. }))
    }
    /// The registry does not know the image.
    pub fn image_missing(&self, image: &str) -> Option<RecordId> {
        self.of_image(image, |fault| matches!(fault, Fault::ImageMissing { .. }))
    }
    fn of_image(&self, image: &str, is: impl Fn(&Fault) -> bool) -> Option<RecordId> {
        let mut rules = self.newest_first();
        rules.find(|rule| is(&rule.timed.fault) && rule.means(image)).map(|rule| rule.record)
    }
    /// How much longer a pull of the image takes.
    pub fn slow_pull(&self, image: &str) -> Option<(Duration, RecordId)> {
        let slow = self.newest_first().filter(|rule| rule.means(image));
        slow.filter_map(|rule| match rule.timed.fault {
            Fault::SlowPull { by, .. } => Some((by, rule.record)),
            _ => None,
        })
        .max_by_key(|(by, _)| *by)
    }
}

/// What a fault does to a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookFault {
    /// It fails at once.
    Fails,
    /// It never ends.
    Hangs,
}
