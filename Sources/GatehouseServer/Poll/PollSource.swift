/// Something that owns a descriptor and is told when it is ready.
protocol PollSource: AnyObject {
    func ready(for events: PollEvents)
}
