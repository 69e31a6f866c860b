//! Help texts: the overview as kubectl prints it, a short one for each command.

use crate::commands::VERBS;

/// `kubectl --help`.
pub(crate) fn overview() -> String {
    let mut text = String::from(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n",
    );
    for (title, commands) in GROUPS {
        text.push_str(&format!("\n{title}:\n"));
        for (name, about) in *commands {
            text.push_str(&format!("  {name:<15} {about}\n"));
        }
        if *title == "Settings Commands" {
            text.push_str("\nSubcommands provided by plugins:\n");
        }
    }
    text.push_str("\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\n");
    text + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
}

/// Titles and commands in the order of kubectl's own overview.
const GROUPS: &[(&str, &[(&str, &str)])] = &[
    (
        "Basic Commands (Beginner)",
        &[
            ("create", "Create a resource from a file or from stdin"),
            (
                "expose",
                "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
            ),
            ("run", "Run a particular image on the cluster"),
            ("set", "Set specific features on objects"),
        ],
    ),
    (
        "Basic Commands (Intermediate)",
        &[
            ("explain", "Get documentation for a resource"),
            ("get", "Display one or many resources"),
            ("edit", "Edit a resource on the server"),
            (
                "delete",
                "Delete resources by file names, stdin, resources and names, or by resources and label selector",
            ),
        ],
    ),
    (
        "Deploy Commands",
        &[
            ("rollout", "Manage the rollout of a resource"),
            ("scale", "Set a new size for a deployment, replica set, or replication controller"),
            (
                "autoscale",
                "Auto-scale a deployment, replica set, stateful set, or replication controller",
            ),
        ],
    ),
    (
        "Cluster Management Commands",
        &[
            ("certificate", "Modify certificate resources"),
            ("cluster-info", "Display cluster information"),
            ("top", "Display resource (CPU/memory) usage"),
            ("cordon", "Mark node as unschedulable"),
            ("uncordon", "Mark node as schedulable"),
            ("drain", "Drain node in preparation for maintenance"),
            ("taint", "Update the taints on one or more nodes"),
        ],
    ),
    (
        "Troubleshooting and Debugging Commands",
        &[
            ("describe", "Show details of a specific resource or group of resources"),
            ("logs", "Print the logs for a container in a pod"),
            ("attach", "Attach to a running container"),
            ("exec", "Execute a command in a container"),
            ("port-forward", "Forward one or more local ports to a pod"),
            ("proxy", "Run a proxy to the Kubernetes API server"),
            ("cp", "Copy files and directories to and from containers"),
            ("auth", "Inspect authorization"),
            ("debug", "Create debugging sessions for troubleshooting workloads and nodes"),
            ("events", "List events"),
        ],
    ),
    (
        "Advanced Commands",
        &[
            ("diff", "Diff the live version against a would-be applied version"),
            ("apply", "Apply a configuration to a resource by file name or stdin"),
            ("patch", "Update fields of a resource"),
            ("replace", "Replace a resource by file name or stdin"),
            ("wait", "Wait for a specific condition on one or many resources"),
            ("kustomize", "Build a kustomization target from a directory or URL"),
        ],
    ),
    (
        "Settings Commands",
        &[
            ("label", "Update the labels on a resource"),
            ("annotate", "Update the annotations on a resource"),
            (
                "completion",
                "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
            ),
        ],
    ),
    (
        "Other Commands",
        &[
            ("api-resources", "Print the supported API resources on the server"),
            (
                "api-versions",
                "Print the supported API versions on the server, in the form of \"group/version\"",
            ),
            ("config", "Modify kubeconfig files"),
            ("kuberc", "Manage kuberc configuration files"),
            ("plugin", "Provides utilities for interacting with plugins"),
            ("version", "Print the client and server version information"),
        ],
    ),
];

const ROLLOUT: &str = "Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets\n\nExamples:\n  # Rollback to the previous deployment\n  kubectl rollout undo deployment/abc\n  \n  # Check the rollout status of a daemonset\n  kubectl rollout status daemonset/foo\n  \n  # Restart a deployment\n  kubectl rollout restart deployment/abc\n  \n  # Restart deployments with the 'app=nginx' label\n  kubectl rollout restart deployment --selector=app=nginx\n\nAvailable Commands:\n  history       View rollout history\n  pause         Mark the provided resource as paused\n  restart       Restart a resource\n  resume        Resume a paused resource\n  status        Show the status of the rollout\n  undo          Undo a previous rollout\n\nUsage:\n  kubectl rollout SUBCOMMAND [options]\n\nUse \"kubectl rollout <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n";
const SET: &str = "Configure application resources.\n\n These commands help you make changes to existing application resources.\n\nAvailable Commands:\n  env              Update environment variables on a pod template\n  image            Update the image of a pod template\n  resources        Update resource requests/limits on objects with pod templates\n  selector         Set the selector on a resource\n  serviceaccount   Update the service account of a resource\n\nUsage:\n  kubectl set SUBCOMMAND [options]\n\nUse \"kubectl set <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n";

/// The help of one command.
pub(crate) fn of(command: &str) -> String {
    match command {
        "rollout" => return ROLLOUT.to_owned(),
        "set" => return SET.to_owned(),
        _ => {}
    }
    let verb = command.split(' ').next().unwrap_or_default();
    let about = GROUPS
        .iter()
        .flat_map(|(_, commands)| *commands)
        .find(|(name, _)| *name == verb)
        .map_or("", |(_, about)| about);
    let usage = USAGES
        .iter()
        .find(|(name, _)| *name == command || *name == verb)
        .map_or("[flags] [options]", |(_, usage)| usage);
    format!(
        "{about}.\n\nUsage:\n  kubectl {command} {usage}\n\nCommands that podplay runs: {}\n",
        VERBS.join(", ")
    )
}

/// How commands are written.
const USAGES: &[(&str, &str)] = &[
    (
        "get",
        "[(-o|--output=)FORMAT] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]",
    ),
    ("describe", "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]"),
    ("delete", "([-f FILENAME] | TYPE [(NAME | -l label | --all)]) [options]"),
    ("logs", "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]"),
    ("exec", "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]"),
    ("apply", "(-f FILENAME | -k DIRECTORY) [options]"),
    ("create", "-f FILENAME [options]"),
    (
        "scale",
        "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]",
    ),
    (
        "label",
        "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]",
    ),
    (
        "annotate",
        "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]",
    ),
    ("patch", "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]"),
    (
        "wait",
        "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available] [options]",
    ),
    (
        "run",
        "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]",
    ),
    ("drain", "NODE [options]"),
    ("cordon", "NODE [options]"),
    ("uncordon", "NODE [options]"),
    ("taint", "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]"),
];
