import Gatehouse

/// An entry point that belongs to no module.
@main
struct Program {
    static func main() {}
}
