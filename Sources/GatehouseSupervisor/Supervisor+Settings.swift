import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Settings beside the pools: log files, the control socket, the state folder.
extension Supervisor {
    /// Applies new settings. A log, socket or folder that cannot be opened stays as it was.
    /// - Returns: a message for each of those, with the reason.
    func applySettings(_ new: SupervisorSettings) -> [String] {
        let old = configuration.settings
        var problems: [String] = []
        configuration.settings = new
        do throws(OperatorError) {
            if new.log != old.log { try log.use(new.log) }
        } catch {
            problems.append("\"log\" stays as it was: \(error.message)")
            configuration.settings.log = old.log
        }
        do throws(OperatorError) {
            if new.controlSocket != old.controlSocket || control?.isLost == true {
                let listener: ControlListener? =
                    if let path = new.controlSocket { try ControlListener(path: path) } else { nil }
                control = listener
            }
        } catch {
            problems.append("\"control\" stays as it was: \(error.message)")
            configuration.settings.controlSocket = old.controlSocket
        }
        do throws(OperatorError) { try checkStateFolder() } catch {
            problems.append("\"state\" stays as it was: \(error.message)")
            configuration.settings.stateFolder = old.stateFolder
        }
        return problems
    }

    func checkStateFolder() throws(OperatorError) {
        guard let folder = configuration.settings.stateFolder else { return }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw OperatorError(
                "the state folder \(folder) cannot be written: \(SystemError.text()): make it, or set another by "
                    + "\"state\"",
                .inputOutput)
        }
    }

    // MARK: Log files

    /// Opens log files anew after they were moved away, and gives workers the new access log.
    func reopenLogs() {
        do throws(OperatorError) { try log.reopen() } catch { log.say(error.message, .error) }
        for processes in pools.values {
            guard let file = processes.accessLog else { continue }
            do throws(OperatorError) { try file.reopen() } catch {
                say(error.message, processes, .error)
                continue
            }
            for worker in processes.workers.values where worker.handOver >= 0 {
                worker.give(accessLog: file.descriptor)
            }
        }
        log.say("log files have been reopened")
    }
}
