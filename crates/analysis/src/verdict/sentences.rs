//! The sentences of causes and answers, by key, in English and Korean.

/// Key, English, Korean. `{0}` and so on are filled in; a Korean particle behind one is chosen.
pub(super) const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "insufficient",
        "No node has room: the pod asks for {1} of {0}, and the most that a node has left is {2} ({3}).",
        "들어갈 노드가 없습니다. 파드는 {0} {1}을(를) 요청하는데, 가장 많이 남은 노드({3})에도 {2}뿐입니다.",
    ),
    (
        "insufficient.whole",
        "No node is large enough: the pod asks for {1} of {0}, and the largest node ({3}) has {2} in all.",
        "충분히 큰 노드가 없습니다. 파드는 {0} {1}을(를) 요청하는데, 가장 큰 노드({3})도 전부 합쳐 {2}입니다.",
    ),
    (
        "node-selector",
        "No node has the label {0} that nodeSelector asks for.",
        "nodeSelector가 요구하는 레이블 {0}이(가) 있는 노드가 없습니다.",
    ),
    (
        "affinity",
        "No node satisfies the required affinity {0}.",
        "필수 어피니티 {0}을(를) 만족하는 노드가 없습니다.",
    ),
    (
        "affinity.seen",
        "No node satisfies the required affinity {0}; the nodes have {1}.",
        "필수 어피니티 {0}을(를) 만족하는 노드가 없습니다. 노드에 있는 값은 {1}입니다.",
    ),
    (
        "anti-affinity",
        "The pod's anti-affinity allows one such pod for each {0}, and all {1} nodes that fit have one already.",
        "안티어피니티(anti-affinity) 때문에 {0}마다 이런 파드는 하나만 둘 수 있는데, 알맞은 노드 {1}개에 모두 이미 있습니다.",
    ),
    (
        "taint",
        "Node {1} has the taint {0}, and the pod does not tolerate it.",
        "노드 {1}에 테인트 {0}이(가) 있고, 파드는 이를 용인(toleration)하지 않습니다.",
    ),
    (
        "taint.nearly",
        "Node {1} has the taint {0}, and the pod's toleration is for {2}, which is another taint.",
        "노드 {1}의 테인트는 {0}인데, 파드의 톨러레이션은 다른 테인트인 {2}에 대한 것입니다.",
    ),
    (
        "spread",
        "On any node the pod would make the spread over {0} more uneven than maxSkew {1} allows.",
        "어느 노드에 두어도 {0}별 분포가 maxSkew {1}보다 더 치우칩니다.",
    ),
    (
        "host-port",
        "Port {0} of the node is taken, and a hostPort can be taken once on each node.",
        "노드의 포트 {0}은(는) 이미 쓰이고 있습니다. hostPort는 노드마다 한 번만 쓸 수 있습니다.",
    ),
    (
        "host-port.by",
        "Port {0} of the node is taken by pod {1}, and a hostPort can be taken once on each node.",
        "노드의 포트 {0}은(는) 파드 {1}이(가) 쓰고 있습니다. hostPort는 노드마다 한 번만 쓸 수 있습니다.",
    ),
    (
        "cordoned",
        "Node {0} is cordoned: it takes no new pods.",
        "노드 {0}은(는) 스케줄링이 중단(cordon)되어 새 파드를 받지 않습니다.",
    ),
    (
        "unbound.small",
        "The claim {0} asks for {1}, and the largest volume that would do, {2}, has {3}.",
        "클레임 {0}은(는) {1}을(를) 요청하는데, 쓸 수 있는 가장 큰 볼륨 {2}은(는) {3}입니다.",
    ),
    (
        "unbound.mode",
        "The claim {0} ({1}) asks for the access mode {2}, and no free volume has it.",
        "클레임 {0}({1})이(가) 요구하는 접근 모드 {2}을(를) 가진 빈 볼륨이 없습니다.",
    ),
    (
        "unbound.class",
        "The claim {0} ({1}) asks for the storage class {2}: there is no volume of it and nobody makes one.",
        "클레임 {0}({1})은(는) 스토리지 클래스 {2}을(를) 요구하는데, 그런 볼륨도 없고 만들어 줄 주체도 없습니다.",
    ),
    (
        "unbound.volume",
        "The claim {0} ({1}) asks for the volume {2}, which is not there or already taken.",
        "클레임 {0}({1})이(가) 요구하는 볼륨 {2}이(가) 없거나 이미 쓰이고 있습니다.",
    ),
    (
        "unbound",
        "The claim {0} ({1}) has no volume: none that fits is free.",
        "클레임 {0}({1})에 맞는 빈 볼륨이 없습니다.",
    ),
    (
        "claim",
        "The pod waits for the PersistentVolumeClaim {0}, which does not exist.",
        "파드가 기다리는 PersistentVolumeClaim {0}이(가) 없습니다.",
    ),
    (
        "gated",
        "The pod is not scheduled as long as it has the scheduling gate {0}, and nobody takes it away.",
        "스케줄링 게이트 {0}이(가) 있는 동안 파드는 스케줄되지 않는데, 아무도 게이트를 없애지 않습니다.",
    ),
    (
        "node",
        "The pod asks for the node {0} by nodeName, and there is no such node.",
        "파드가 nodeName으로 지정한 노드 {0}이(가) 없습니다.",
    ),
    (
        "scheduler",
        "The pod asks for the scheduler {0}, and nobody runs one of that name.",
        "파드가 지정한 스케줄러 {0}을(를) 실행하는 곳이 없습니다.",
    ),
    (
        "quota",
        "The quota {0} refuses the pod: {2} of {1} more with {3} in use would exceed {4}.",
        "쿼터 {0}이(가) 파드를 거부합니다. {1} 사용량 {3}에 {2}을(를) 더하면 한도 {4}을(를) 넘습니다.",
    ),
    (
        "quota.needs",
        "The quota {0} refuses the pod: with it every container must say its {1}.",
        "쿼터 {0}이(가) 파드를 거부합니다. 이 쿼터가 있으면 모든 컨테이너가 {1}을(를) 적어야 합니다.",
    ),
    (
        "limit-range",
        "The LimitRange {0} refuses the pod: {2} for {1} is {3}, and a container has {4}.",
        "LimitRange {0}이(가) 파드를 거부합니다. {1}의 {2} 값은 {3}인데 컨테이너는 {4}입니다.",
    ),
    (
        "account",
        "No pod can be made: the ServiceAccount {0} does not exist.",
        "파드를 만들 수 없습니다. ServiceAccount {0}이(가) 없습니다.",
    ),
    (
        "namespace",
        "The namespace {0} does not exist, so nothing can be made in it.",
        "네임스페이스 {0}이(가) 없어서 그 안에 아무것도 만들 수 없습니다.",
    ),
    (
        "priority",
        "No pod can be made: the PriorityClass {0} does not exist.",
        "파드를 만들 수 없습니다. PriorityClass {0}이(가) 없습니다.",
    ),
    (
        "source",
        "The pod waits for the {0} {1}, which does not exist.",
        "파드가 기다리는 {0} {1}이(가) 없습니다.",
    ),
    (
        "key",
        "The pod waits for the key {2} of the {0} {1}, which has no such key.",
        "파드가 기다리는 키 {2}이(가) {0} {1}에 없습니다.",
    ),
    (
        "host-path",
        "The volume wants {1} at {0} on the node, and there is none.",
        "볼륨은 노드의 {0}에 {1}이(가) 있기를 요구하는데, 없습니다.",
    ),
    (
        "image",
        "The registry does not know the image {0}.",
        "레지스트리에 이미지 {0}이(가) 없습니다.",
    ),
    (
        "image.denied",
        "The registry does not hand out the image {0} without credentials (imagePullSecrets).",
        "레지스트리가 인증 정보(imagePullSecrets) 없이는 이미지 {0}을(를) 내주지 않습니다.",
    ),
    (
        "image.never",
        "The image {0} is not on the node, and imagePullPolicy Never forbids to pull it.",
        "이미지 {0}이(가) 노드에 없는데, imagePullPolicy Never 때문에 받아 올 수도 없습니다.",
    ),
    (
        "image.invalid",
        "{0} is not a valid name of an image.",
        "{0}은(는) 올바른 이미지 이름이 아닙니다.",
    ),
    ("registry", "The registry of {0} does not answer.", "{0}의 레지스트리가 응답하지 않습니다."),
    (
        "root",
        "The image {1} of container {0} runs as root, and runAsNonRoot forbids that.",
        "컨테이너 {0}의 이미지 {1}은(는) root로 실행되는데, runAsNonRoot가 이를 금지합니다.",
    ),
    (
        "command",
        "Container {0} cannot start: there is no program \"{1}\" in it.",
        "컨테이너 {0}을(를) 시작할 수 없습니다. 그 안에 프로그램 \"{1}\"이(가) 없습니다.",
    ),
    (
        "permission",
        "Container {0} is not permitted to do what it tries: {1}",
        "컨테이너 {0}에 권한이 없습니다: {1}",
    ),
    (
        "exits",
        "Container {0} ends with exit code {1}.",
        "컨테이너 {0}이(가) 종료 코드 {1}(으)로 끝납니다.",
    ),
    (
        "exits.last",
        "Container {0} ends with exit code {1}; its last words: {2}",
        "컨테이너 {0}이(가) 종료 코드 {1}(으)로 끝납니다. 마지막 출력: {2}",
    ),
    (
        "exits.zero",
        "Container {0} has nothing more to do: its program ends at once with exit code 0 and is started again and again.",
        "컨테이너 {0}은(는) 더 할 일이 없습니다. 프로그램이 종료 코드 0으로 바로 끝나서 계속 다시 시작됩니다.",
    ),
    (
        "oom",
        "Container {0} was killed for its memory (OOMKilled): it may use {1} and wanted more.",
        "컨테이너 {0}이(가) 메모리 때문에 강제 종료되었습니다(OOMKilled). 한도는 {1}인데 더 쓰려고 했습니다.",
    ),
    (
        "oom.node",
        "Container {0} was killed for its memory (OOMKilled): the node had no more.",
        "컨테이너 {0}이(가) 메모리 때문에 강제 종료되었습니다(OOMKilled). 노드에 남은 메모리가 없었습니다.",
    ),
    (
        "liveness",
        "Container {0} is restarted because its liveness probe ({1}) fails: {2}.",
        "컨테이너 {0}은(는) livenessProbe({1})가 실패해서 재시작됩니다: {2}.",
    ),
    (
        "liveness.eager",
        "Container {0} needs {1} until it listens, and its liveness probe gives up after {2}: it is restarted before it is up.",
        "컨테이너 {0}은(는) 응답하기까지 {1}이(가) 걸리는데, livenessProbe는 {2} 만에 포기합니다. 그래서 다 뜨기 전에 재시작됩니다.",
    ),
    (
        "startup",
        "Container {0} is restarted because its startup probe gives up after {1}, before the program listens.",
        "컨테이너 {0}은(는) 프로그램이 응답하기 전에 startupProbe가 {1} 만에 포기해서 재시작됩니다.",
    ),
    (
        "startup.needs",
        "Container {0} needs {2} until it listens, and its startup probe gives up after {1}.",
        "컨테이너 {0}은(는) 응답하기까지 {2}이(가) 걸리는데, startupProbe는 {1} 만에 포기합니다.",
    ),
    (
        "startup.fails",
        "Container {0} is restarted because its startup probe ({1}) fails: {2}.",
        "컨테이너 {0}은(는) startupProbe({1})가 실패해서 재시작됩니다: {2}.",
    ),
    (
        "readiness",
        "Container {0} is not ready because its readiness probe ({1}) fails: {2}.",
        "컨테이너 {0}은(는) readinessProbe({1})가 실패해서 준비되지 않았습니다: {2}.",
    ),
    (
        "readiness.port",
        "Container {0} is not ready because its readiness probe asks port {1}, and nobody listens there.",
        "컨테이너 {0}은(는) 아무도 듣지 않는 포트 {1}을(를) readinessProbe가 물어서 준비되지 않았습니다.",
    ),
    (
        "readiness.listens",
        "Container {0} is not ready because its readiness probe asks port {1}, and the program listens on {2}.",
        "컨테이너 {0}은(는) readinessProbe가 포트 {1}을(를) 묻는데 프로그램은 {2}에서 듣고 있어서 준비되지 않았습니다.",
    ),
    (
        "timeout",
        "The {1} probe of container {0} ({2}) gets no answer within {3}, which is its timeoutSeconds.",
        "컨테이너 {0}의 {1} 프로브({2})가 제한 시간(timeoutSeconds) {3} 안에 답을 받지 못합니다.",
    ),
    (
        "timeout.needs",
        "The {1} probe of container {0} ({2}) is answered after {4}, and its timeoutSeconds allows {3}.",
        "컨테이너 {0}의 {1} 프로브({2})는 답이 오기까지 {4} 걸리는데, timeoutSeconds는 {3}입니다.",
    ),
    (
        "probe.program",
        "The {1} probe of container {0} cannot run: there is no program \"{2}\" in the container.",
        "컨테이너 {0}의 {1} 프로브를 실행할 수 없습니다. 컨테이너 안에 프로그램 \"{2}\"이(가) 없습니다.",
    ),
    (
        "post-start",
        "The postStart hook of container {0} ({1}) fails, so the container is stopped: {2}",
        "컨테이너 {0}의 postStart 훅({1})이 실패해서 컨테이너가 중지됩니다: {2}",
    ),
    (
        "post-start.hangs",
        "The postStart hook of container {0} does not end, and until then the container does not count as running: {1}",
        "컨테이너 {0}의 postStart 훅이 끝나지 않아 실행 중으로 보지 않습니다: {1}",
    ),
    (
        "init",
        "Init container {0} ends with exit code {1}, and the containers after it wait.",
        "초기화 컨테이너 {0}이(가) 종료 코드 {1}(으)로 끝나서 다음 컨테이너들이 기다립니다.",
    ),
    (
        "init.last",
        "Init container {0} ends with exit code {1}, and the containers after it wait; its last words: {2}",
        "초기화 컨테이너 {0}이(가) 종료 코드 {1}(으)로 끝나서 다음 컨테이너들이 기다립니다. 마지막 출력: {2}",
    ),
    (
        "init.name",
        "Init container {0} waits for {1}, and no Service has this name.",
        "초기화 컨테이너 {0}이(가) {1}을(를) 기다리는데, 그런 이름의 Service가 없습니다.",
    ),
    (
        "init.silent",
        "Init container {0} waits for {1}, which does not answer.",
        "초기화 컨테이너 {0}이(가) 기다리는 {1}이(가) 응답하지 않습니다.",
    ),
    (
        "init.runs",
        "Init container {0} does not end, and the containers after it wait.",
        "초기화 컨테이너 {0}이(가) 끝나지 않아 다음 컨테이너들이 기다립니다.",
    ),
    (
        "init.runs.last",
        "Init container {0} does not end, and the containers after it wait; it says: {1}",
        "초기화 컨테이너 {0}이(가) 끝나지 않아 다음 컨테이너들이 기다립니다. 출력: {1}",
    ),
    (
        "sidecar",
        "Sidecar {0} is not started yet, and the containers after it wait: its startup probe ({1}) fails: {2}.",
        "사이드카 {0}이(가) 아직 시작되지 않아 다음 컨테이너들이 기다립니다. startupProbe({1}) 실패: {2}.",
    ),
    (
        "gate",
        "The pod is not ready as long as nobody sets its condition {0} (readinessGates).",
        "조건 {0}(readinessGates)을(를) 아무도 설정하지 않아 파드가 준비되지 않습니다.",
    ),
    (
        "sigterm",
        "Container {0} does not react to {1}, so its stop takes the whole grace period of {2}.",
        "컨테이너 {0}이(가) {1}에 반응하지 않아 멈추는 데 유예 시간 {2}이(가) 모두 걸립니다.",
    ),
    (
        "pre-stop",
        "The preStop hook of container {0} ({1}) runs as long as the grace period of {2} lasts.",
        "컨테이너 {0}의 preStop 훅({1})이 유예 시간 {2}을(를) 모두 씁니다.",
    ),
    (
        "finalizer",
        "The pod has stopped, but the object stays until somebody takes away its finalizer {0}.",
        "파드는 멈췄지만, 파이널라이저 {0}을(를) 없애기 전까지 오브젝트가 남아 있습니다.",
    ),
    (
        "node-lost",
        "Node {0} does not answer any more.",
        "노드 {0}이(가) 더 이상 응답하지 않습니다.",
    ),
    (
        "node-lost.evicts",
        "Node {0} does not answer any more; its pods are replaced only in {1} (tolerationSeconds).",
        "노드 {0}이(가) 더 이상 응답하지 않습니다. 파드는 {1} 뒤에야 교체됩니다(tolerationSeconds).",
    ),
    ("evicted", "The pod was evicted ({0}): {1}", "파드가 축출되었습니다({0}): {1}"),
    (
        "deadline",
        "The pod was active for longer than activeDeadlineSeconds {0} (DeadlineExceeded).",
        "파드가 activeDeadlineSeconds {0}보다 오래 실행되었습니다(DeadlineExceeded).",
    ),
    (
        "refused",
        "The API server refuses the new version of {0}: {1}: {2}",
        "API 서버가 {0}의 새 버전을 거부합니다: {1}: {2}",
    ),
    (
        "rollout.waits",
        "The pods of {0} are ready, and count as available only after minReadySeconds {1}.",
        "{0}의 파드는 준비되었지만 minReadySeconds {1}초가 지나야 사용 가능(available)으로 셉니다.",
    ),
    (
        "rollout.held",
        "The pods of {0} stay at the older version: {1} keeps them.",
        "{0}의 파드가 이전 버전에 머물러 있습니다. {1} 때문입니다.",
    ),
    (
        "rollout",
        "The rollout of {0} stands still: {2} of {1} pods are ready.",
        "{0}의 롤아웃이 멈춰 있습니다. 파드 {1}개 가운데 {2}개가 준비되었습니다.",
    ),
    (
        "progress",
        "The rollout made no progress for progressDeadlineSeconds {0} and counts as failed (ProgressDeadlineExceeded).",
        "progressDeadlineSeconds {0}초 동안 롤아웃이 진행되지 않아 실패로 표시됩니다(ProgressDeadlineExceeded).",
    ),
    (
        "progress.needs",
        "A pod needs {1} until it is ready, and progressDeadlineSeconds allows {0}: the rollout counts as failed (ProgressDeadlineExceeded).",
        "파드가 준비되기까지 {1}이(가) 걸리는데 progressDeadlineSeconds는 {0}입니다. 그래서 롤아웃이 실패로 표시됩니다(ProgressDeadlineExceeded).",
    ),
    (
        "paused",
        "{0} is paused (spec.paused): the controller makes no pods of its template.",
        "{0}이(가) 일시 중지(spec.paused) 상태라 컨트롤러가 템플릿으로 파드를 만들지 않습니다.",
    ),
    (
        "budget",
        "The budget {0} does not allow to evict pod {1}: it wants {2} healthy and {3} are.",
        "PodDisruptionBudget(budget) {0}이(가) 파드 {1}의 축출을 허용하지 않습니다. 정상 파드 {2}개가 필요한데 지금 {3}개입니다.",
    ),
    (
        "job.backoff",
        "The Job failed: its pods failed more often than backoffLimit {0} allows; container {1} ended with exit code {2}.",
        "Job이 실패했습니다. backoffLimit {0}보다 많이 실패했고, 컨테이너 {1}이(가) 종료 코드 {2}(으)로 끝났습니다.",
    ),
    (
        "job.backoff.last",
        "The Job failed: its pods failed more often than backoffLimit {0} allows; container {1} ended with exit code {2} and its last words: {3}",
        "Job이 실패했습니다. backoffLimit {0}보다 많이 실패했고, 컨테이너 {1}이(가) 종료 코드 {2}(으)로 끝났습니다. 마지막 출력: {3}",
    ),
    (
        "job.deadline",
        "The Job was stopped because it was active for longer than activeDeadlineSeconds {0} allows (DeadlineExceeded).",
        "Job이 activeDeadlineSeconds {0}보다 오래 실행되어 중지되었습니다(DeadlineExceeded).",
    ),
    (
        "job.deadline.needs",
        "The Job needs {1} and activeDeadlineSeconds allows {0}: it was stopped (DeadlineExceeded).",
        "Job에는 {1}이(가) 필요한데 activeDeadlineSeconds는 {0}입니다. 그래서 중지되었습니다(DeadlineExceeded).",
    ),
    (
        "job.suspended",
        "{0} is suspended (suspend: true): no pods are made.",
        "{0}이(가) 일시 중단(suspend: true) 상태라 파드를 만들지 않습니다.",
    ),
    (
        "job.runs",
        "The Job cannot complete: container {0} does not end ({1}).",
        "Job이 완료될 수 없습니다. 컨테이너 {0}이(가) 끝나지 않습니다({1}).",
    ),
    (
        "cron.forbid",
        "With concurrencyPolicy Forbid a run that is due while the one before still works is left out (schedule {0}).",
        "concurrencyPolicy Forbid에서는 앞선 실행이 끝나지 않으면 예정된 실행을 건너뜁니다(일정 {0}).",
    ),
    (
        "cron.forbid.takes",
        "A run takes {1}, and with concurrencyPolicy Forbid those that are due meanwhile are left out (schedule {0}).",
        "한 번 실행에 {1}이(가) 걸리는데, concurrencyPolicy Forbid라서 그동안 예정된 실행을 건너뜁니다(일정 {0}).",
    ),
    (
        "stateful",
        "The StatefulSet makes its pods one after the other, and pod {0} is not ready.",
        "StatefulSet은 파드를 하나씩 차례로 만드는데, 파드 {0}이(가) 준비되지 않았습니다.",
    ),
    (
        "selector",
        "The Service selects {0}, and no pod has these labels.",
        "Service는 {0}을(를) 선택하는데, 그런 레이블의 파드가 없습니다.",
    ),
    (
        "port",
        "The Service sends port {0} to targetPort {1}, and nobody listens there.",
        "Service는 포트 {0}을(를) targetPort {1}(으)로 보내는데, 거기서 듣는 프로그램이 없습니다.",
    ),
    (
        "port.listens",
        "The Service sends port {0} to targetPort {1}, and the program listens on {2}.",
        "Service는 포트 {0}을(를) targetPort {1}(으)로 보내는데, 프로그램은 {2}에서 듣고 있습니다.",
    ),
    (
        "lost.rollout",
        "{1} of {2} requests to {0} failed: pods stopped while requests still came to them.",
        "{0}에 보낸 요청 {2}개 가운데 {1}개가 실패했습니다. 요청이 아직 오는데 파드가 멈췄기 때문입니다.",
    ),
    (
        "lost.ready",
        "{1} of {2} requests to {0} failed: without a readiness probe container {3} counts as ready before it listens.",
        "{0}에 보낸 요청 {2}개 가운데 {1}개가 실패했습니다. readiness 프로브가 없어서 컨테이너 {3}이(가) 듣기도 전에 준비된 것으로 여겨졌습니다.",
    ),
    ("other", "{0}: {1}", "{0}: {1}"),
    ("nearest", " There is {0}: is that meant?", " {0}은(는) 있습니다. 이것을 쓰려던 건가요?"),
    ("answer.refused", "nobody listens there", "거기서 듣는 프로그램이 없음"),
    (
        "answer.listens",
        "nobody listens there, the program listens on {0}",
        "거기서 듣는 프로그램이 없음(프로그램은 {0}에서 들음)",
    ),
    ("answer.status", "the answer is HTTP status {0}", "HTTP 상태 {0} 응답"),
    ("answer.time", "no answer in time", "제때 응답이 없음"),
    ("answer.exit", "the command ends with exit code {0}", "명령이 종료 코드 {0}(으)로 끝남"),
    (
        "answer.exit.said",
        "the command ends with exit code {0} ({1})",
        "명령이 종료 코드 {0}(으)로 끝남({1})",
    ),
    (
        "answer.program",
        "there is no program \"{0}\" in the container",
        "컨테이너에 프로그램 \"{0}\"이(가) 없음",
    ),
    (
        "answer.plain",
        "the probe speaks HTTPS and the server plain HTTP",
        "프로브는 HTTPS로 말하고 서버는 HTTP로 답함",
    ),
    ("answer.said", "{0}", "{0}"),
];
