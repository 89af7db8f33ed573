/// What the help of every command says that asks a running supervisor.
enum ControlHelp {
    static let exitStatus = """
        Exits 0, 64 for wrong arguments, 74 where no supervisor answers, 77 where this user may not ask it.
        """
}
