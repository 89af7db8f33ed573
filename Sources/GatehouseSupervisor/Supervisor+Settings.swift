import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// What is configured beside pools: log files, the control socket, the state folder.
extension Supervisor {
    /// What the configuration says beside its pools. If something of it cannot be had, the old goes on.
    /// - Returns: what cannot be had, and why.
    func applySettings(_ new: SupervisorSettings) -> [String] {
        let old = configuration.settings
        var problems: [String] = []
        configuration.settings = new
        do throws(SupervisorError) {
            if new.log != old.log { try log.use(new.log) }
        } catch {
            problems.append("\"log\" stays as it was: \(error.message)")
            configuration.settings.log = old.log
        }
        do throws(SupervisorError) {
            if new.controlSocket != old.controlSocket || control?.isLost == true {
                let listener: ControlListener? =
                    if let path = new.controlSocket { try ControlListener(path: path) } else { nil }
                control = listener
            }
        } catch {
            problems.append("\"control\" stays as it was: \(error.message)")
            configuration.settings.controlSocket = old.controlSocket
        }
        do throws(SupervisorError) { try checkStateFolder() } catch {
            problems.append("\"state\" stays as it was: \(error.message)")
            configuration.settings.stateFolder = old.stateFolder
        }
        return problems
    }

    func checkStateFolder() throws(SupervisorError) {
        guard let folder = configuration.settings.stateFolder else { return }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw SupervisorError(
                "the state folder \(folder) cannot be written: \(systemError()): make it, or set another by \"state\"",
                .inputOutput)
        }
    }

    // MARK: Log files

    /// After they were moved away: the new ones are opened here, and workers get theirs passed.
    func reopenLogs() {
        do throws(SupervisorError) { try log.reopen() } catch { log.say(error.message, .error) }
        for host in hosts.values {
            guard let file = host.accessLog else { continue }
            do throws(SupervisorError) { try file.reopen() } catch {
                say(error.message, host, .error)
                continue
            }
            for worker in host.workers.values where worker.handOver >= 0 { worker.pass(accessLog: file.descriptor) }
        }
        log.say("log files are opened anew")
    }
}
