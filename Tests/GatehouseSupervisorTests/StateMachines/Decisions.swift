import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor

/// Decisions as tests write them: a list of commands means that there is no outcome, and the other way round.
extension PoolDecision {
    static func == (decision: PoolDecision, commands: [PoolCommand]) -> Bool {
        decision == PoolDecision(commands: commands)
    }

    static func == (decision: PoolDecision, outcomes: [PoolOutcome]) -> Bool {
        decision == PoolDecision(outcomes: outcomes)
    }

    init(_ commands: [PoolCommand], _ outcomes: [PoolOutcome]) { self.init(commands: commands, outcomes: outcomes) }

    var isEmpty: Bool { self == PoolDecision() }

    func contains(_ command: PoolCommand) -> Bool { commands.contains(command) }
    func contains(_ outcome: PoolOutcome) -> Bool { outcomes.contains(outcome) }

    /// The message with which a reload's candidate was rejected.
    var rejection: String? {
        outcomes.lazy.compactMap { if case .rejected(let message, _) = $0 { message } else { nil } }.first
    }

    /// The message with which the first generation was given up.
    var startFailure: String? {
        outcomes.lazy.compactMap { if case .failedToStart(let message, _) = $0 { message } else { nil } }.first
    }

    /// Lines for the operator.
    var said: [String] { commands.compactMap { if case .say(let line) = $0 { line } else { nil } } }
}

extension PoolStateMachine {
    /// Starts a candidate; its number is in the commands.
    mutating func replace(_ rules: PoolRules, at now: Int) -> PoolDecision { replace(rules, now: now).decision }
}

extension PoolManager {
    /// Begins a reload; the candidates' numbers are in the commands.
    mutating func reload(_ changes: [PoolChange], now: Int) -> [PoolManagerCommand] {
        beginReload(changes, now: now).commands
    }
}

extension [PoolManagerCommand] {
    /// Whether the last of them ends a reload that has promoted every pool.
    var endReloadWell: Bool {
        if case .endReload(let progress)? = last { progress.failures.isEmpty } else { false }
    }
}
