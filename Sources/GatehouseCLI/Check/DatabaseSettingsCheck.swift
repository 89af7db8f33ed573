internal import FoundationEssentials
internal import GatehouseConfiguration
internal import GatehousePlan

/// The check of a module's `settings: database:`, by the rules that a worker has for it.
enum DatabaseSettingsCheck {
    private struct Settings: Decodable {
        struct Database: Decodable {
            /// Checks a mapping. A module may call anything else `database`, which is none of ours.
            init(from decoder: any Decoder) throws {
                guard (try? decoder.container(keyedBy: WrittenKey.self)) != nil else { return }
                _ = try WrittenDatabaseSettings(from: decoder)
            }
        }

        var database: Database?
    }

    private enum WrittenKey: CodingKey {}

    /// The first fault of a module's database settings, with the status that a worker's end would have.
    static func finding(_ module: ConfiguredModule) -> Finding? {
        do {
            _ = try JSONDecoder().decode(Settings.self, from: Data(module.plan.settings.utf8))
            return nil
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            let path = (["settings"] + context.codingPath.map(\.stringValue)).joined(separator: ".")
            return Finding(
                "\(path): \(context.debugDescription)", .moduleInitThrew,
                at: module.plan.settingsOrigin.isEmpty ? module.origin : module.plan.settingsOrigin)
        } catch {
            // Settings that are no JSON are a fault of the configuration, and named there.
            return nil
        }
    }
}
