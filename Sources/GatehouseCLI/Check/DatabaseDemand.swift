internal import FoundationEssentials
internal import GatehouseConfiguration
internal import GatehouseControl
internal import GatehousePlan
internal import GatehouseSupervisor

/// The most connections that the modules of a configuration can have open to one database server.
struct DatabaseDemand {
    /// One module's part.
    struct Part {
        var pool: String
        var mount: String
        var workers: Int
        var eventLoops: Int
        var connections: Int
        /// The settings, for asking the server: they have secrets.
        var question: DatabaseQuestion
        /// The pool, whose user connects.
        var configuration: PoolConfiguration

        /// Code off the event loops (`init`, services, handlers on other threads) has connections of its own.
        var total: Int { workers * (eventLoops + 1) * connections }
    }

    let server: DatabaseServer
    private(set) var parts: [Part] = []
    /// The server's answer; `nil` if it was not asked.
    var answer: DatabaseAnswer?

    var total: Int { parts.reduce(0) { $0 + $1.total } }

    /// Two generations live during a reload or an upgrade.
    var totalWhileReloading: Int { 2 * total }

    var lines: [String] {
        var lines = [
            "databases: \(server.description.printable()): up to \(total) connections, "
                + "\(totalWhileReloading) while a reload has two generations"
        ]
        for part in parts {
            lines.append(
                "  \(part.pool), \(part.mount): \(HumanUnits.count(part.workers, "worker")) × "
                    + "(\(HumanUnits.count(part.eventLoops, "event loop")) + 1 for other threads) × "
                    + "\(HumanUnits.count(part.connections, "connection")) = \(part.total)")
        }
        if let limit = answer?.limit {
            let open = answer?.open.map { ", and has \(HumanUnits.count($0, "connection")) now" } ?? ""
            lines.append("  the server allows \(limit)\(open)")
        }
        return lines
    }

    /// The fault of the server's answer; `nil` if there is none.
    var warning: String? {
        if let problem = answer?.problem {
            return "databases: \(server.description.printable()) cannot be asked: \(problem.printable(atMost: 500))"
        }
        guard let limit = answer?.limit, totalWhileReloading > limit else { return nil }
        let remedy = "lower \"connections\" or \"workers\", or let the server allow more"
        let demand = total > limit ? "\(total)" : "\(totalWhileReloading) while a reload has two generations"
        let allowed = HumanUnits.count(limit, "connection")
        return "databases: \(server.description.printable()) allows \(allowed), and modules may open \(demand): "
            + remedy
    }

    /// The demand on each server, in the configuration's order.
    static func all(in configuration: Configuration) -> [DatabaseDemand] {
        var demands: [DatabaseDemand] = []
        for pool in configuration.pools {
            for module in pool.modules {
                guard let settings = ModuleDatabaseSettings(module.plan), let server = DatabaseServer(url: settings.url)
                else { continue }
                let part = Part(
                    pool: pool.name, mount: module.plan.mount, workers: pool.workers.most,
                    eventLoops: pool.eventLoops, connections: settings.connections,
                    question: DatabaseQuestion(
                        settings: module.plan.settings, settingsOrigin: module.plan.settingsOrigin),
                    configuration: pool)
                if let index = demands.firstIndex(where: { $0.server == server && server.place != nil }) {
                    demands[index].parts.append(part)
                } else {
                    demands.append(DatabaseDemand(server: server, parts: [part]))
                }
            }
        }
        return demands
    }
}

extension DatabaseDemand {
    /// Asks the server, as a worker of the first module's pool would. Whatever happens, the answer says it, after some
    /// seconds at most.
    mutating func ask(worker: String) {
        guard let part = parts.first else { return }
        do throws(OperatorError) {
            answer = try ServerInquiry(in: part.configuration, workerProgram: worker).ask(part.question)
        } catch {
            answer = DatabaseAnswer(problem: error.message)
        }
    }
}

/// The part of a module's settings that names its database: `settings: database: { url: …, connections: … }`. How a
/// module calls its settings is its author's affair, so this is a convention, and settings without it are none of ours.
struct ModuleDatabaseSettings {
    let url: String
    let connections: Int

    init?(_ plan: ModulePlan) {
        struct Settings: Decodable {
            struct Database: Decodable {
                var url: String
                var connections: Int?
            }
            var database: Database
        }
        guard let read = try? JSONDecoder().decode(Settings.self, from: Data(plan.settings.utf8)) else { return nil }
        url = read.database.url
        // More than that is no setting of a connection pool, and must not overflow a sum.
        connections = max(0, min(read.database.connections ?? WrittenDatabaseSettings.standardConnections, 100_000))
    }
}
