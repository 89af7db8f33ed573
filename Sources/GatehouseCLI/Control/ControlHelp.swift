/// What the help of every command says that asks a running supervisor.
enum ControlHelp {
    static let exitStatus = """
        Exits 0, 64 for wrong arguments, 74 if no supervisor answers, 77 if this user may not ask it.
        """
}
