import Gatehouse

/// An entry point, but of no module.
@main
struct Program {
    static func main() {}
}
