import GatehouseDatabase
import Logging

/// Work beside the loop of a worker.
extension Jobs {
    /// Says every third part of a lease that the jobs of this worker run.
    func beat() async {
        while true {
            do { try await Task.sleep(for: settings.lease / 3) } catch { return }
            let running = work.running.filter { !$0.isCompleting }
            guard !running.isEmpty else { continue }
            do {
                let lost = try await store.extend(running.map(\.claimed), lease: settings.lease)
                for run in running where lost.contains(where: { $0.id == run.claimed.id }) {
                    // It may have ended meanwhile.
                    guard work.running.contains(where: { $0 === run }), !run.isCompleting else { continue }
                    run.cancel(.lease)
                }
            } catch {
                logger.warning("the leases of jobs that run cannot be renewed: \(error)")
            }
        }
    }

    func listen() async {
        // Tests' databases have no notifications, and those without lose nothing but time.
        guard settings.listens, store.dialect == .postgreSQL else { return }
        guard let notifications = try? store.database.notifications(on: JobStore.channel) else { return }
        for await notification in notifications {
            switch notification {
            case .missed: work.noteDueNow()
            case .notification(_, let payload, _) where payload == store.notice: work.noteDueNow()
            case .notification: continue
            }
        }
    }
}
