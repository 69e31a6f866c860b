//! Every string of the page, in every language.

use crate::lang::{Lang, words};

words! {
    tagline = "Kubernetes Pods, playable", "직접 돌려 보는 쿠버네티스 파드";
    skip_to_timeline = "Skip to the timeline", "타임라인으로 건너뛰기";
    examples = "Examples", "예제";
    open_file = "Open a file…", "파일 열기…";
    share = "Share", "공유";
    lessons = "Lessons", "배우기";
    lesson = "Lesson", "레슨";
    all_lessons = "All lessons", "레슨 목록";
    lessons_about = "The life of a Pod in small steps. Each has a text, a manifest, something to try, and a question whose answer the run itself checks.", "Pod의 일생을 한 걸음씩 배웁니다. 레슨마다 글과 매니페스트, 해 볼 것, 그리고 실행이 직접 채점하는 문제가 있습니다.";
    lessons_done(done, all) = "{done} of {all} done", "{all}개 중 {done}개 완료";
    lesson_done = "done", "완료";
    lesson_loading = "Fetching the lesson…", "레슨을 가져오는 중…";
    lesson_failed = "The lesson could not be fetched. Check the connection and open it again.", "레슨을 가져오지 못했습니다. 연결을 확인하고 다시 열어 보세요.";
    lesson_look = "Look", "관찰";
    lesson_try = "Try", "해 보기";
    lesson_question = "Question", "문제";
    lesson_hint = "Hint", "힌트";
    lesson_answer = "Answer", "풀이";
    lesson_edit = "Make this edit", "이렇게 고치기";
    lesson_check = "Check the answer", "정답 확인";
    lesson_again = "Start over", "처음부터 다시";
    lesson_show = "Show it in the editor", "편집기에서 보기";
    lesson_right = "Right. The run shows it.", "정답입니다. 실행 결과가 보여 줍니다.";
    lesson_not_yet = "Not yet.", "아직 아닙니다.";
    lesson_unreadable = "The text has errors. Put them right first.", "텍스트에 오류가 있습니다. 먼저 고쳐 주세요.";
    lesson_computing = "The run is still being computed. Check again in a moment.", "아직 실행을 계산하고 있습니다. 잠시 뒤 다시 확인하세요.";
    lesson_keep = "Leave this as it was:", "그대로 두어야 합니다:";
    lesson_holds = "holds:", "만족:";
    lesson_fails = "does not hold:", "불만족:";
    lesson_found = "It is", "실제 값";
    lesson_previous = "Previous", "이전";
    lesson_next = "Next", "다음";
    lesson_link = "Copy link", "링크 복사";
    own_text = "Back to my own text", "내 텍스트로 돌아가기";
    help = "Keys and help", "단축키와 도움말";
    theme_light = "Light colours", "밝은 화면";
    theme_dark = "Dark colours", "어두운 화면";
    theme_system = "Colours of the system", "시스템 설정 따르기";
    switch_language = "한국어 (Korean)", "English (영어)";
    close = "Close", "닫기";

    pane_text = "Manifest", "매니페스트";
    pane_run = "Run", "실행";
    pane_inspect = "Inspect", "살펴보기";
    panes = "Panes", "화면 전환";

    editor_label = "Manifest and scenario, YAML. Escape, then Tab leaves the editor", "매니페스트와 시나리오 (YAML). Esc를 누른 뒤 Tab으로 나갑니다";
    objects_count(n) = "{n} objects", "오브젝트 {n}개";
    object_count_one = "1 object", "오브젝트 1개";
    entries_count(n) = "{n} timed actions", "예약 동작 {n}개";
    entry_count_one = "1 timed action", "예약 동작 1개";
    empty_text = "Nothing here yet", "아직 비어 있습니다";
    undo = "Undo", "실행 취소";

    problems(n) = "{n} problems", "문제 {n}건";
    problem_one = "1 problem", "문제 1건";
    no_problems = "No problems", "문제 없음";
    severity_error = "error", "오류";
    severity_warning = "warning", "경고";
    severity_advice = "advice", "조언";
    severity_info = "note", "참고";
    advice_count(n) = "{n} pieces of advice", "조언 {n}건";
    advice_one = "1 piece of advice", "조언 1건";
    advice_why(code) = "Why? ({code})", "왜 그런가요? ({code})";
    advice_unavailable = "The explanation could not be fetched.", "설명을 불러오지 못했습니다.";
    line_column(line, column) = "line {line}:{column}", "{line}행 {column}열";
    go_to_line(line) = "Go to line {line}", "{line}행으로 이동";
    refused = "refused", "거부됨";
    not_simulated(n) = "{n} fields are accepted but have no effect here", "{n}개 필드는 받아들이지만 여기서는 효과가 없습니다";
    not_simulated_one = "1 field is accepted but has no effect here", "1개 필드는 받아들이지만 여기서는 효과가 없습니다";
    stale = "The text has errors. This is still the run of the text before.", "텍스트에 오류가 있습니다. 아래는 고치기 전 텍스트의 실행입니다.";

    play = "Play", "재생";
    pause = "Pause", "일시정지";
    to_start = "To the start", "처음으로";
    previous_record = "Previous record", "이전 기록";
    next_record = "Next record", "다음 기록";
    next_change = "Next change", "다음 변화";
    next_restart = "Next restart", "다음 재시작";
    speed = "Speed", "속도";
    fit = "Fit", "전체 보기";
    zoom_in = "Zoom in", "확대";
    zoom_out = "Zoom out", "축소";
    fold = "Fold quiet", "조용한 구간 접기";
    conditions = "Conditions", "모든 컨디션";
    playhead = "Playhead", "재생 위치";
    playhead_value(now, end) = "{now} of {end}", "{end} 중 {now}";
    computing(percent) = "Computing… {percent}%", "계산 중… {percent}%";
    stop_computing = "Stop computing", "계산 중단";
    stopped_computing = "Computing stopped. Continue", "계산을 멈췄습니다. 계속하기";
    loop_range(from, to) = "Looping {from} to {to}", "{from}–{to} 반복";
    loop_off = "Stop looping", "반복 해제";
    loop_here = "Loop here", "여기 반복";

    timeline_label = "Timeline of the run", "실행 타임라인";
    overview = "Overview of the whole run", "전체 실행 개요";
    lane_pod = "pod", "파드";
    lane_condition = "condition", "컨디션";
    lane_container = "container", "컨테이너";
    lane_init = "init", "초기화";
    lane_sidecar = "sidecar", "사이드카";
    lane_ephemeral = "ephemeral", "임시 컨테이너";
    lane_probe = "probe", "프로브";
    lane_hook = "hook", "훅";
    lane_file = "file", "파일";
    lane_service = "endpoints", "엔드포인트";
    lane_fault = "fault", "고장";
    merged(n) = "{n} states", "상태 {n}개";
    quiet_for(time) = "quiet for {time}", "{time} 동안 변화 없음";
    span_label(what, from, to) = "{what}, {from} to {to}", "{what}, {from}부터 {to}까지";
    span_label_open(what, from) = "{what}, since {from}", "{what}, {from}부터";
    as_table = "Table", "표로 보기";
    column_lane = "Lane", "레인";
    column_state = "State", "상태";
    column_from = "From", "시작";
    column_to = "To", "끝";
    table_title = "The run as a table", "표로 본 실행";
    table_lane = "Lane to show", "보여 줄 레인";
    table_all = "All lanes", "모든 레인";
    table_note(shown, all) = "{shown} of {all} states; choose a lane to see the rest of it", "상태 {all}개 중 {shown}개. 레인을 고르면 나머지를 볼 수 있습니다";
    probe_sum(good, bad) = "{good} succeeded, {bad} failed", "성공 {good}회, 실패 {bad}회";
    still = "still", "지속 중";

    state_pulling = "Pulling image", "이미지 가져오는 중";
    state_running = "Running", "실행 중";
    state_again(n) = "Restart {n}", "재시작 {n}";
    state_running_again(n) = "Running · restart {n}", "실행 중 · 재시작 {n}";
    state_stopping = "Told to stop", "종료 신호 받음";
    state_exited(code) = "Exited {code}", "종료 코드 {code}";
    state_exited_reason(reason, code) = "{reason} · exit {code}", "{reason} · 종료 코드 {code}";
    state_backoff(reason) = "{reason}", "{reason}";
    state_ready(ready, all) = "{ready} of {all} ready", "{all}개 중 {ready}개 준비됨";
    state_done(ready, all) = "{ready} of {all} done", "{all}개 중 {ready}개 완료";
    state_exists = "exists", "있음";
    state_true = "True", "True";
    state_false = "False", "False";
    state_none = "none", "없음";
    state_hook_failed = "failed", "실패";
    probe_success = "succeeded", "성공";
    probe_failure = "failed", "실패";
    ready = "Ready", "준비됨";
    not_ready = "Not ready", "준비 안 됨";

    stage_label = "What is happening now", "지금 일어나는 일";
    stage_empty = "No pods at this moment", "이 시점에는 파드가 없습니다";
    stage_empty_help = "Paste a manifest with a Pod into the editor, drop a file anywhere, or begin with one of these.", "편집기에 파드 매니페스트를 붙여 넣거나 파일을 끌어다 놓으세요. 아래에서 시작해도 됩니다.";
    stage_before = "The pod is created a moment later. Press play.", "파드는 잠시 뒤에 만들어집니다. 재생을 눌러 보세요.";
    stage_none = "Nothing in the text runs a pod at this moment.", "이 시점에 텍스트가 실행하는 파드가 없습니다.";
    stage_refused = "The API server refused it:", "API 서버가 거부했습니다:";
    kill_in(time) = "SIGKILL in {time}", "{time} 뒤 SIGKILL";
    kill_now = "SIGKILL is due", "곧 SIGKILL";
    retry_in(time) = "Next try in {time}", "{time} 뒤 다시 시도";
    restarted = "restarts", "재시작";
    times(n) = "{n}", "{n}회";
    last_exit = "last exit code", "직전 종료 코드";
    first_at(time) = "first at {time}", "{time}에 첫 확인";
    in_a_row(n) = "{n} in a row", "연속 {n}회";
    file_there = "there", "있음";
    file_gone = "missing", "없음";
    last_line = "last line", "마지막 출력";
    unscheduled = "not on a node yet", "아직 노드에 배정되지 않음";
    select_pod(name) = "Select pod {name}", "파드 {name} 선택";
    select_container(name) = "Select container {name}", "컨테이너 {name} 선택";
    assumes_image = "assumed behaviour", "동작 가정";
    assumes_image_long(image) = "Nobody can know what is in {image}: it is assumed to run until stopped, to answer 200 on its ports, and to exit at once on SIGTERM. Click to write down how it behaves.", "{image} 안에 무엇이 있는지 알 수 없어, 멈출 때까지 실행되고 포트에서 200으로 답하며 SIGTERM을 받으면 바로 끝난다고 가정합니다. 누르면 실제 동작을 적을 수 있습니다.";
    assumes_probe = "exec probe succeeds", "exec 프로브 성공 가정";
    assumes_probe_long = "A command in an unknown image is assumed to succeed. Click to write down how the image behaves.", "알 수 없는 이미지 안의 명령은 성공한다고 가정합니다. 누르면 이미지의 동작을 적을 수 있습니다.";
    assumes_written = "behaviour from the text", "텍스트가 정한 동작";
    assumes_written_long = "How this image behaves is written under images. Click to go there.", "이 이미지의 동작은 images 아래에 적혀 있습니다. 누르면 그곳으로 갑니다.";
    no_effect(field) = "{field}: no effect", "{field}: 효과 없음";
    no_effect_long(path) = "{path} is accepted but not simulated. Click to see it in the text.", "{path} 필드는 받아들이지만 시뮬레이션하지 않습니다. 누르면 텍스트에서 볼 수 있습니다.";
    flow_rate(rate) = "{rate} requests/s", "초당 요청 {rate}건";
    flow_failed(percent) = "{percent} % fail", "{percent} % 실패";
    flow_none = "no failures", "실패 없음";
    flow_from(service) = "from {service}", "{service}에서";
    kubelet_probe(probe, container, result) = "{probe} probe of {container} {result}", "{container}의 {probe} 프로브 {result}";
    kubelet_idle = "nothing to probe at this moment", "지금은 프로브할 것이 없습니다";
    kubelet_due(probe, container, time) = "first {probe} probe of {container} at {time}", "{container}의 첫 {probe} 프로브는 {time}";
    see_examples = "Choose an example", "예제 고르기";

    inspector_label = "What kubectl says", "kubectl이 보여 주는 것";
    tab_why = "Why?", "왜?";
    previous_log = "previous instance", "이전 인스턴스";
    nothing_logged = "No output yet.", "아직 출력이 없습니다.";
    copy = "Copy", "복사";
    copied = "Copied", "복사했습니다";
    terminal = "kubectl command", "kubectl 명령";
    terminal_log = "Commands and their answers", "명령과 그 결과";
    terminal_hint = "kubectl … at the playhead", "재생 위치에서 kubectl …";
    added_to_text(time) = "added to the text at {time}", "텍스트에 {time} 시점으로 추가했습니다";

    not_added = "Not added to the text: a command that fails is not part of the run.", "텍스트에 추가하지 않았습니다. 실패한 명령은 실행에 들어가지 않습니다.";
    terminal_stop = "Stop (Ctrl-C)", "중단 (Ctrl-C)";
    terminal_help = "kubectl commands run on the simulated cluster, at the playhead: get, describe, logs, exec, create, delete, scale, set image, rollout and more (type kubectl for the list). k is short for kubectl. What changes the cluster becomes part of the text; get -w and logs -f go on while the run plays. A pipe to grep, head, tail, wc, sort, awk or jq works. Tab completes, ↑ recalls, Ctrl-C ends a command; clear and history do what they say.", "kubectl 명령은 시뮬레이션한 클러스터에서 재생 위치의 시점에 실행됩니다. get, describe, logs, exec, create, delete, scale, set image, rollout 등을 쓸 수 있습니다(목록은 kubectl). k는 kubectl의 줄임말입니다. 클러스터를 바꾸는 명령은 텍스트에 들어가고, get -w와 logs -f는 재생하는 동안 이어집니다. grep, head, tail, wc, sort, awk, jq로 파이프할 수 있습니다. Tab은 자동 완성, ↑는 이전 명령, Ctrl-C는 중단이며 clear와 history도 있습니다.";
    terminal_redirect = "There are no files here: leave < and > out.", "여기에는 파일이 없습니다. <와 >를 빼고 입력하세요.";
    terminal_several = "One command at a time: leave ; and & out, and put something behind each |.", "한 번에 한 명령만 됩니다. ;와 &를 빼고, | 뒤에는 명령을 쓰세요.";
    terminal_substitution = "Nothing is put in here: write out what stands in $( ) or in backquotes.", "여기서는 치환하지 않습니다. $( )나 역따옴표 안의 값을 직접 쓰세요.";
    terminal_quote(quote) = "The quote {quote} is not closed.", "따옴표 {quote}가 닫히지 않았습니다.";
    terminal_program(program) = "Only kubectl runs here. For {program} in a container: kubectl exec POD -- {program}", "여기서는 kubectl만 실행됩니다. 컨테이너 안의 {program}: kubectl exec POD -- {program}";

    since(time) = "since {time}", "{time}부터";
    pinned(time) = "Pinned at {time}", "{time} 시점에 고정";
    unpin = "Let go: follow the playhead again", "고정 해제: 다시 재생 위치를 따라갑니다";
    why_before = "How it came to this", "여기까지 온 과정";
    trouble_one = "1 object does not get on", "오브젝트 1개가 진행되지 않습니다";
    troubles(n) = "{n} objects do not get on", "오브젝트 {n}개가 진행되지 않습니다";
    remedy_title = "What would mend it", "이렇게 하면 풀립니다";
    remedy_trying = "Trying what would mend it…", "해결책을 시험하는 중…";
    remedy_ask = "Look for what would mend it", "해결책 찾아보기";
    remedy_none = "No small change of the text that was tried mends it.", "시험해 본 작은 수정으로는 풀리지 않습니다.";
    remedy_try = "Try it", "적용해 보기";
    remedy_compare = "Compare", "비교";
    compare_title = "Without and with the change", "바꾸기 전과 후";
    compare_first(time) = "The runs part at {time}.", "{time}부터 실행이 달라집니다.";
    compare_same = "The pods show the same in both runs.", "두 실행에서 파드의 상태가 같습니다.";
    compare_object = "Pod", "파드";
    compare_before = "As it is", "지금 그대로";
    compare_after = "With the change", "바꾼 뒤";
    compare_ready(name) = "{name}: ready for", "{name}: 준비된 시간";
    select_object(kind, name) = "Look at {kind} {name}", "{kind} {name} 살펴보기";
    no_objects = "No objects", "오브젝트 없음";
    stage_no_object = "Nothing in the text could be read as an object. The list below the editor says why.", "텍스트에서 오브젝트를 읽지 못했습니다. 이유는 편집기 아래 목록에 있습니다.";
    retry_now = "The next try is due", "곧 다시 시도";
    key_leave = "leave the editor, where Tab alone indents", "편집기에서 나가기 (Tab만 누르면 들여쓰기)";
    why_nothing = "Nothing has happened yet.", "아직 아무 일도 일어나지 않았습니다.";
    why_next = "What next?", "다음은?";
    why_next_nothing = "Nothing more changes in this run.", "이 실행에서는 더 바뀌는 것이 없습니다.";
    why_next_same = "It goes on like this to the end of the run.", "실행이 끝날 때까지 이대로 이어집니다.";
    why_at(time) = "at {time}", "{time} 시점";
    why_row(row) = "Why {row}?", "{row}: 왜?";
    why_line(line) = "line {line}", "{line}행";

    splitter = "Height of the timeline: drag, or arrow keys", "타임라인 높이: 끌거나 화살표로 조절";
    unfit_hooks = "It has no hooks", "훅이 없습니다";
    unfit_config = "It uses no ConfigMap or Secret", "ConfigMap이나 Secret을 쓰지 않습니다";
    unfit_http = "Nothing in it listens", "연결을 받는 포트가 없습니다";
    faults = "Break something", "고장 내기";
    fault_at(time) = "Break something at {time}", "{time}에 고장 내기";
    fault_target = "Target", "대상";
    fault_lasts = "For", "지속";
    fault_for_good = "for good", "계속";
    fault_marker(what, time) = "{what} at {time}. Arrow keys move it, Delete removes it.", "{what}, {time}. 화살표로 옮기고 Delete로 지웁니다.";
    delete_pod = "Delete pod", "파드 삭제";
    group_container = "Container", "컨테이너";
    group_pod = "Pod and images", "파드와 이미지";
    group_node = "Node and network", "노드와 네트워크";
    f_crash = "The main process dies", "주 프로세스가 죽습니다";
    f_oomkill = "The kernel kills it for memory", "메모리 부족으로 커널이 죽입니다";
    f_hang = "Alive, but answers nothing", "살아 있지만 응답하지 않습니다";
    f_slow = "Answers late", "늦게 응답합니다";
    f_failhttp = "Answers HTTP with an error", "HTTP 오류로 응답합니다";
    f_refuse = "Listens on nothing", "어떤 포트도 듣지 않습니다";
    f_ignore = "Does not react to SIGTERM", "SIGTERM에 반응하지 않습니다";
    f_slowstart = "The next starts take longer", "다음 시작이 오래 걸립니다";
    f_imagemissing = "The registry does not know the image", "레지스트리에 이미지가 없습니다";
    f_registry = "The registry does not answer", "레지스트리가 응답하지 않습니다";
    f_slowpull = "Pulls take longer", "이미지를 느리게 가져옵니다";
    f_hookfails = "Hooks fail", "훅이 실패합니다";
    f_hookhangs = "Hooks never end", "훅이 끝나지 않습니다";
    f_config = "ConfigMaps and Secrets are gone", "ConfigMap과 Secret이 사라집니다";
    f_sandbox = "The pod's sandbox dies", "파드의 샌드박스가 죽습니다";
    f_kubeletrestart = "The kubelet starts anew", "kubelet이 다시 시작합니다";
    f_kubeletdown = "The kubelet stops, containers go on", "kubelet이 멈추고 컨테이너는 계속 돕니다";
    f_nodedown = "The node is off", "노드가 꺼집니다";
    f_pressure = "Memory or disk runs short", "메모리나 디스크가 부족해집니다";
    f_dns = "Names do not resolve", "이름을 찾지 못합니다";
    f_partition = "The node cannot be reached", "노드에 닿을 수 없습니다";

    share_title = "Share this run", "이 실행 공유하기";
    share_note = "The link holds the text itself. Nothing is uploaded.", "링크에 텍스트가 그대로 담깁니다. 아무것도 업로드하지 않습니다.";
    share_link = "Link", "링크";
    share_with_moment = "Open at this moment", "지금 시점에서 열기";
    share_markdown = "Markdown link", "마크다운 링크";
    share_apply = "kubectl apply command", "kubectl apply 명령";
    share_embed = "Embed in a page", "페이지에 넣기";
    share_download = "Text (YAML)", "텍스트 (YAML)";
    share_svg = "Timeline (SVG)", "타임라인 (SVG)";
    share_trace = "Trace (Perfetto)", "트레이스 (Perfetto)";
    share_save = "Save as a file", "파일로 저장";
    share_digest = "Fingerprint of the run", "실행의 지문";
    link_bad = "The link could not be read; your own text is shown.", "링크를 읽지 못해 가지고 있던 텍스트를 보여 줍니다.";
    link_unreadable = "The link to this text could not be read. It may be cut off.", "이 텍스트의 링크를 읽지 못했습니다. 중간에 잘렸을 수 있습니다.";
    open_in_podplay = "Open in podplay", "podplay에서 열기";
    readonly = "The text of this playground cannot be changed here.", "이 플레이그라운드의 텍스트는 여기서 바꿀 수 없습니다.";
    link_newer = "The link was made by a newer podplay; your own text is shown.", "더 새로운 podplay의 링크라서 가지고 있던 텍스트를 보여 줍니다.";
    elsewhere = "This text was changed in another tab.", "다른 탭에서 텍스트가 바뀌었습니다.";
    take_theirs = "Use that text", "그 텍스트 쓰기";
    keep_mine = "Keep mine", "내 텍스트 유지";
    recover = "Text of another tab or visit", "다른 탭이나 이전 방문의 텍스트";
    file_too_large = "The file is too large.", "파일이 너무 큽니다.";

    hint_title = "A simulated cluster: nothing here is real, and nothing can go wrong.", "시뮬레이션한 클러스터입니다. 진짜가 아니니 마음껏 해 보세요.";
    hint_play = "Drag the playhead: an hour passes in a blink", "재생 위치를 끌어 보세요. 한 시간도 순식간입니다";
    hint_break = "Break something, at any moment", "원하는 시점에 고장을 내 보세요";
    hint_edit = "Paste your own manifest", "자신의 매니페스트를 붙여 넣어 보세요";
    hint_done = "Got it", "알겠습니다";

    help_title = "Keys", "단축키";
    key_space = "play or pause", "재생 또는 일시정지";
    key_arrows = "previous or next record", "이전 또는 다음 기록";
    key_shift_arrows = "a second back or on", "1초 앞뒤로";
    key_home = "start or end", "처음 또는 끝";
    key_zoom = "zoom at the playhead", "재생 위치에서 확대·축소";
    key_speed = "slower or faster", "느리게 또는 빠르게";
    key_change = "next change", "다음 변화";
    key_fit = "show the whole run", "전체 실행 보기";
    key_fault = "break something", "고장 내기";
    key_table = "the run as a table", "표로 보기";
    key_restart = "next restart", "다음 재시작";
    key_loop = "loop the stretch between two changes, or stop", "두 변화 사이 반복, 또는 반복 해제";
    key_help = "this help", "이 도움말";
    help_mouse = "Wheel zooms, drag pans, shift-drag loops a range, double-click fits.", "휠은 확대·축소, 끌기는 이동, Shift+끌기는 구간 반복, 두 번 누르면 전체 보기입니다.";

    ex_liveness = "A liveness probe that starts to fail", "실패하기 시작하는 liveness 프로브";
    ex_two = "Two containers, one pod", "컨테이너 둘, 파드 하나";
    ex_init = "Init containers that wait for a Service", "서비스를 기다리는 초기화 컨테이너";
    ex_probes = "Startup, liveness and readiness", "startup, liveness, readiness";
    ex_sidecar = "A sidecar that ships logs", "로그를 나르는 사이드카";
    ex_crash = "A crash loop and its back-off", "크래시 루프와 백오프";
    ex_prestop = "A preStop hook and the grace period", "preStop 훅과 유예 기간";
    ex_flap = "Readiness that flaps behind a Service", "서비스 뒤에서 흔들리는 readiness";
    ex_rollout = "A Deployment rolls out", "Deployment 롤아웃";
    ex_loses = "A rollout that loses requests", "요청을 잃는 롤아웃";
    ex_keeps = "A rollout that loses none", "요청을 잃지 않는 롤아웃";
    ex_gate = "A readiness gate holds up a rollout", "롤아웃을 붙드는 readiness gate";

    crashed_title = "The simulator stopped", "시뮬레이터가 멈췄습니다";
    crashed_panic = "The simulator made a mistake and cannot go on.", "시뮬레이터가 잘못을 일으켜 더 진행할 수 없습니다.";
    crashed_memory = "This run needed more memory than the browser gives, and cannot go on.", "이 실행에 필요한 메모리가 브라우저가 주는 것보다 많아 더 진행할 수 없습니다.";
    crashed_kept = "Your text is safe: it is kept in this browser. After a reload it is shown again, and not run until you change it or ask for it.", "텍스트는 이 브라우저에 그대로 남아 있습니다. 새로 고치면 텍스트가 다시 나타나고, 고치거나 요청하기 전에는 실행하지 않습니다.";
    crashed_unkept = "This browser does not keep your text: copy the report before you reload, the text is in it.", "이 브라우저는 텍스트를 보관하지 않습니다. 새로 고치기 전에 보고서를 복사하세요. 텍스트가 들어 있습니다.";
    held_title = "This text is not being run", "이 텍스트는 실행하지 않고 있습니다";
    held_panic = "The last time, the simulator stopped with a mistake of its own while it ran this text. Change the text, and it runs.", "지난번에 이 텍스트를 실행하다가 시뮬레이터가 스스로 잘못을 일으켜 멈췄습니다. 텍스트를 고치면 실행합니다.";
    held_memory = "The last time, this run needed more memory than the browser gives. Change the text, and it runs.", "지난번에 이 실행은 브라우저가 주는 것보다 많은 메모리가 필요했습니다. 텍스트를 고치면 실행합니다.";
    held_frozen = "The last time, the page never got to the end of this run: it froze, or the browser ended it. Change the text, and it runs.", "지난번에 이 실행은 끝까지 가지 못했습니다. 페이지가 멈췄거나 브라우저가 끝냈습니다. 텍스트를 고치면 실행합니다.";
    held_edit = "Edit the text", "텍스트 고치기";
    held_again = "Run again", "다시 실행";
    held_example = "Start with an example", "예제로 시작하기";
    back_to_mine = "Back to my text", "내 텍스트로 돌아가기";
    reload = "Reload", "새로 고침";
    copy_report = "Copy the report", "보고서 복사";
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::TABLE;

    /// Strings that are the same in both languages on purpose, or that are in the other language on purpose.
    const SAME: [&str; 5] =
        ["state_true", "state_false", "state_backoff", "switch_language", "ex_probes"];

    fn hangul(text: &str) -> bool {
        text.chars().any(|c| ('가'..='힣').contains(&c))
    }

    fn holes(text: &str) -> Vec<&str> {
        let mut holes: Vec<_> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        holes.sort_unstable();
        holes
    }

    #[test]
    fn every_string_is_there_in_both_languages() {
        for (name, en, ko) in TABLE {
            assert!(!en.trim().is_empty() && !ko.trim().is_empty(), "{name} is empty");
            assert_eq!(holes(en), holes(ko), "{name} takes other arguments in the other language");
            if !SAME.contains(name) {
                assert!(hangul(ko), "{name} is not translated: {ko}");
                assert!(!hangul(en), "{name} is not English: {en}");
            }
        }
    }
}
