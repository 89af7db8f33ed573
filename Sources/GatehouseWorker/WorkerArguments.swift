/// `gatehouse-worker --plan FD --control FD`: the supervisor's side runs it, nobody else.
struct WorkerArguments: Equatable {
    var plan: Int32
    var control: Int32

    init?(_ arguments: [String]) {
        var found: [String: Int32] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst().flatMap({ Int32($0) }), value > 2 else { return nil }
            found[name] = value
        }
        guard let plan = found["--plan"], let control = found["--control"], found.count == 2 else { return nil }
        self.plan = plan
        self.control = control
    }
}
