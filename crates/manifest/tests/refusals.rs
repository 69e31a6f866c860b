//! Texts that a cluster refuses, and all that it says: rules of kinds of which no recorded verdict tells.

use podplay_manifest::apply::{self, Nothing, Options};

/// A spec of a kind, and the lines of the answer after the first.
struct Case {
    kind: (&'static str, &'static str),
    spec: &'static str,
    says: &'static [&'static str],
}

const HPA: (&str, &str) = ("autoscaling/v2", "HorizontalPodAutoscaler");
const INGRESS: (&str, &str) = ("networking.k8s.io/v1", "Ingress");
const POD: (&str, &str) = ("v1", "Pod");

const CASES: &[Case] = &[
    Case {
        kind: HPA,
        spec: "{maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization}}}, {type: Foo}]}",
        says: &[
            "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
            "spec.metrics[1].type: Unsupported value: \"Foo\": supported values: \"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\"",
        ],
    },
    Case {
        kind: HPA,
        spec: "{maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, metrics: [{type: Pods, pods: {metric: {name: a/b}, target: {type: Value, value: '0'}}}]}",
        says: &[
            "spec.metrics[0].pods.metric.name: Invalid value: \"a/b\": may not contain '/'",
            "spec.metrics[0].pods.target.value: Invalid value: \"0\": must be positive",
            "spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue",
        ],
    },
    Case {
        kind: HPA,
        spec: "{maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, behavior: {scaleDown: {stabilizationWindowSeconds: 4000, policies: [{type: Pots, value: 0, periodSeconds: 1900}]}}}",
        says: &[
            "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600",
            "spec.behavior.scaleDown.policies[0].type: Unsupported value: \"Pots\": supported values: \"Percent\", \"Pods\"",
            "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
            "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1900: must be less than or equal to 1800",
        ],
    },
    Case {
        kind: INGRESS,
        spec: "{rules: [{host: 1.2.3.4, http: {paths: [{path: /a//b, pathType: Prefix, backend: {service: {name: a}}}, {path: /, pathType: Prefix}]}}, {host: 'a.*', http: {}}]}",
        says: &[
            "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address",
            "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'",
            "spec.rules[0].http.paths[0].backend: Required value: port name or number is required",
            "spec.rules[0].http.paths[1].backend: Invalid value: \"\": resource or service backend is required",
            "spec.rules[1].host: Invalid value: \"a.*\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            "spec.rules[1].http.paths: Required value",
        ],
    },
    Case {
        kind: INGRESS,
        spec: "{defaultBackend: {service: {name: A, port: {name: http, number: 80}}}, tls: [{hosts: [a_b]}]}",
        says: &[
            "spec.defaultBackend.service.name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
            "spec.defaultBackend: Invalid value: \"\": cannot set both port name & port number",
            "spec.tls[0].hosts[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ],
    },
    Case {
        kind: POD,
        spec: "{containers: [{name: c, image: x, resources: {limits: {cpu: 1, hugepages-2Mi: 3Mi}}}]}",
        says: &[
            "spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi",
            "spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi",
        ],
    },
];

fn answer(text: &str) -> String {
    apply::run(text.as_bytes(), &Options::default(), &Nothing).stderr
}

#[test]
fn all_rules_that_are_broken_are_said_in_order() {
    for case in CASES {
        let (version, kind) = case.kind;
        let said = answer(&format!(
            "{{apiVersion: {version}, kind: {kind}, metadata: {{name: x}}, spec: {}}}",
            case.spec
        ));
        let wanted: Vec<String> = case.says.iter().map(|line| format!("* {line}")).collect();
        let lines: Vec<&str> = said.trim_end().lines().skip(1).collect();
        assert_eq!(lines, wanted, "{kind} {}", case.spec);
    }
}

#[test]
fn what_cannot_be_patched_is_checked_by_kubectl() {
    let table = [
        (
            "{apiVersion: v1, kind: Binding, metadata: {name: x}}",
            "ValidationError(Binding): missing required field \"target\" in io.k8s.api.core.v1.Binding",
        ),
        (
            "{apiVersion: apps/v1, kind: DeploymentList, items: [{spec: {replica: 1}}]}",
            "[ValidationError(DeploymentList.items[0].spec): unknown field \"replica\" in io.k8s.api.apps.v1.DeploymentSpec, ValidationError(DeploymentList.items[0].spec): missing required field \"selector\" in io.k8s.api.apps.v1.DeploymentSpec, ValidationError(DeploymentList.items[0].spec): missing required field \"template\" in io.k8s.api.apps.v1.DeploymentSpec]",
        ),
    ];
    for (text, wanted) in table {
        let said = answer(text);
        assert!(said.contains(wanted) && said.starts_with("error: error validating "), "{said}");
    }
}

#[test]
fn items_of_a_named_list_need_not_say_what_they_are() {
    let outcome = apply::run(
        b"{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: a}}, {metadata: {name: b}}]}",
        &Options::default(),
        &Nothing,
    );
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        ("configmap/a created\nconfigmap/b created\n", "")
    );
}
