//! The cost of a pod does not grow with the number of pods.

#[path = "scenes/crowd.rs"]
mod scene;

#[test]
fn a_pod_of_many_wakes_no_more_often() {
    let per_pod = scene::SIZES.map(|count| {
        let crowd = scene::crowd(count);
        let pods = u64::from(count);
        let records = crowd.records.len() / crowd.cluster.pods().count();
        println!("{count} pods: {} wakeups and {records} records a pod", crowd.wakeups / pods);
        crowd.wakeups / pods
    });
    let (first, last) = (per_pod[0], per_pod[per_pod.len() - 1]);
    assert!(last <= first + first / 4, "{first} wakeups for a pod of 50, {last} for one of 500");
}
