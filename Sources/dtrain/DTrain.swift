import ArgumentParser

@main
struct DTrain: ParsableCommand {
  func run() throws { print("hello") }
}
