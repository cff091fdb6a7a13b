/// A shell's completions of commands, options, values and files, as the program writes them.
enum CompletionScript: String, CaseIterable {
  case bash, zsh, fish

  /// The script.
  func text(_ commands: [CommandDescription]) -> String {
    switch self {
    case .bash: BashCompletion.script(commands)
    case .zsh: ZshCompletion.script(commands)
    case .fish: FishCompletion.script(commands)
    }
  }

  /// The first sentence of a help text, short enough for a list.
  static func brief(_ text: String) -> String {
    let sentence = text.split(separator: ";").first.map(String.init) ?? text
    let line = sentence.split(separator: "(").first.map(String.init) ?? sentence
    let trimmed = String(line.reversed().drop { $0 == " " || $0 == "." }.reversed())
    return trimmed.count <= 70 ? trimmed : trimmed.prefix(69) + "…"
  }

  /// A text in single quotes.
  static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}

/// For bash 4 or later. What has no values of its own is left to readline, which completes files and quotes them.
enum BashCompletion {
  static func script(_ commands: [CommandDescription]) -> String {
    let names = commands.filter { $0.parent == nil }.map(\.name)
    return """
      # Completions of dtrain for bash, written by 'dtrain completions bash'.

      # Sets what may follow an option of a command: kind (flag, none, files, directories, words), its words, and
      # whether it takes many values.
      _dtrain_option() {
        kind=flag words= many=
        case "$1 $2" in
      \(cases(commands).joined(separator: "\n"))
        esac
      }

      # Sets the options of a command, and what its arguments without a name are.
      _dtrain_command() {
        options= positional=none
        case "$1" in
      \(commands.map { command($0, among: commands) }.joined(separator: "\n"))
        esac
      }

      # Sets the commands that belong to one.
      _dtrain_parts() {
        parts=
        case "$1" in
      \(parts(commands).joined(separator: "\n"))
        esac
      }

      _dtrain() {
        local cur=${COMP_WORDS[COMP_CWORD]} last=$COMP_CWORD command= option= kind=flag words= many= options= positional= parts= i word
        COMPREPLY=()
        # Bash parts --option=value into three words.
        [[ $cur == '=' ]] && cur=
        for ((i = 1; i < last; i++)); do
          word=${COMP_WORDS[i]}
          if [[ -z $command ]]; then
            case $word in \(names.joined(separator: "|"))) command=$word ;; esac
            _dtrain_parts "$command"
          elif [[ -n $parts && " $parts " == *" $word "* ]]; then
            command="$command $word" parts=
          elif [[ $word == -* ]]; then
            option=$word
            _dtrain_option "$command" "$option"
          elif [[ $word != '=' && $kind != flag && -z $many ]]; then
            # The option has its value.
            option= kind=flag
          fi
        done
        if [[ -z $command ]]; then
          COMPREPLY=($(compgen -W '\(names.joined(separator: " ")) help --help --version' -- "$cur"))
          return
        fi
        _dtrain_command "$command"
        if [[ $cur == -* ]] && [[ $kind == flag || -n $many ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$cur"))
          return
        fi
        [[ $kind == flag ]] && kind=$positional
        case $kind in
          words) COMPREPLY=($(compgen -W "$words" -- "$cur")) ; _dtrain_alone ;;
          wordsfiles) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
          directories)
            mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            compopt -o filenames +o default +o bashdefault 2>/dev/null ;;
          # Nothing here: readline completes files.
          files) ;;
          *) _dtrain_alone ;;
        esac
      }

      # Nothing but what is in COMPREPLY.
      _dtrain_alone() { compopt +o default +o bashdefault 2>/dev/null; return 0; }

      complete -o bashdefault -o default -F _dtrain dtrain

      """
  }

  private static func effect(_ argument: CommandDescription.Argument) -> String {
    let many = argument.takesMany ? " many=1" : ""
    switch argument.values {
    case .none: return "kind=none\(many)"
    case .files: return "kind=files\(many)"
    case .directories: return "kind=directories\(many)"
    case .words(let words, let andFiles):
      let list = CompletionScript.quoted(words.joined(separator: " "))
      return "kind=\(andFiles ? "wordsfiles" : "words")\(many) words=\(list)"
    }
  }

  private static func cases(_ commands: [CommandDescription]) -> [String] {
    var patterns: [String: [String]] = [:]
    var order: [String] = []
    for command in commands {
      for argument in command.arguments where argument.kind == .option {
        let effect = effect(argument)
        if patterns[effect] == nil { order.append(effect) }
        patterns[effect, default: []] += argument.names.map { "'\(command.words) \($0)'" }
      }
    }
    return order.map { "    \(patterns[$0]!.joined(separator: "|"))) \($0) ;;" }
  }

  /// The commands that belong to others.
  private static func parts(_ commands: [CommandDescription]) -> [String] {
    commands.compactMap { command in
      let own = commands.filter { $0.parent == command.name }.map(\.name)
      return own.isEmpty ? nil : "    \(command.name)) parts='\(own.joined(separator: " "))' ;;"
    }
  }

  private static func command(
    _ command: CommandDescription, among commands: [CommandDescription]
  ) -> String {
    let options = command.arguments.filter { $0.kind != .positional }.flatMap(\.names)
    let parts = commands.filter { $0.parent == command.name }.map(\.name)
    if !parts.isEmpty { return line(command, options, parts) }
    var positional = "none"
    switch command.arguments.first(where: { $0.kind == .positional })?.values {
    case .files: positional = "files"
    case .directories: positional = "directories"
    case .words(let words, _): return line(command, options, words)
    case .none?, nil: break
    }
    return
      "    '\(command.words)') options='\(options.joined(separator: " "))' positional=\(positional) ;;"
  }

  private static func line(
    _ command: CommandDescription, _ options: [String], _ words: [String]
  ) -> String {
    "    '\(command.words)') options='\(options.joined(separator: " "))' positional=words "
      + "words='\(words.joined(separator: " "))' ;;"
  }
}

/// For zsh, whose `_arguments` does the work.
enum ZshCompletion {
  static func script(_ commands: [CommandDescription]) -> String {
    let list = commands.filter { $0.parent == nil }.map {
      "    \(CompletionScript.quoted("\($0.name):\(CompletionScript.brief($0.abstract))"))"
    }
    let cases = commands.map { command in
      var specs = command.arguments.map { "          \(spec($0))" }
      let parts = commands.filter { $0.parent == command.name }.map(\.name)
      if !parts.isEmpty { specs.append("          '1:command:(\(parts.joined(separator: " ")))'") }
      // More values of an option that takes many stand where arguments without a name would.
      if command.arguments.contains(where: { $0.kind == .option && $0.takesMany }) {
        specs.append("          '*:path:_files'")
      }
      return "        '\(command.words)')\n          _arguments -s -S \\\n"
        + specs.map { "  \($0)" }.joined(separator: " \\\n") + " ;;"
    }
    return """
      #compdef dtrain
      # Completions of dtrain for zsh, written by 'dtrain completions zsh'.

      _dtrain() {
        local context state state_descr line
        typeset -A opt_args
        local -a commands=(
      \(list.joined(separator: "\n"))
        )
        _arguments -C '(- *)'{-h,--help}'[show help]' '(- *)--version[show the version]' \\
          '1:command:->command' '*::argument:->argument'
        case $state in
          command) _describe -t commands command commands ;;
          argument)
            case "$words[1] $words[2]" in
              \(nested(commands))
                # Two words name one command.
                words=("$words[1] $words[2]" "${(@)words[3,-1]}")
                (( CURRENT-- )) ;;
            esac
            case $words[1] in
      \(cases.joined(separator: "\n"))
            esac ;;
        esac
      }

      _dtrain "$@"

      """
  }

  /// The pattern of the commands that belong to others.
  private static func nested(_ commands: [CommandDescription]) -> String {
    commands.filter { $0.parent != nil }.map { "'\($0.words)'" }.joined(separator: "|") + ")"
  }

  private static func spec(_ argument: CommandDescription.Argument) -> String {
    let action: String
    switch argument.values {
    case .none: action = " "
    case .files: action = "_files"
    case .directories: action = "_files -/"
    case .words(let words, false): action = "(\(words.joined(separator: " ")))"
    case .words(let words, true):
      action = "{ compadd - \(words.joined(separator: " ")); _files }"
    }
    let value = escaped(argument.valueName)
    guard argument.kind != .positional else {
      return CompletionScript.quoted("\(argument.takesMany ? "*" : ""):\(value):\(action)")
    }
    let help = "[\(escaped(CompletionScript.brief(argument.abstract)))]"
    let tail = argument.kind == .flag ? "" : ":\(value):\(action)"
    let star = argument.takesMany ? "*" : ""
    return argument.names.map { CompletionScript.quoted("\(star)\($0)\(help)\(tail)") }
      .joined(separator: " ")
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, letter in
      if "[]:\\".contains(letter) { result.append("\\") }
      result.append(letter)
    }
  }
}

/// For fish.
enum FishCompletion {
  static func script(_ commands: [CommandDescription]) -> String {
    let names = commands.filter { $0.parent == nil }.map(\.name).joined(separator: " ")
    var lines = [
      "# Completions of dtrain for fish, written by 'dtrain completions fish'.",
      "complete -c dtrain -f",
      "set -l commands \(names)",
    ]
    for command in commands where command.parent == nil {
      lines.append(
        "complete -c dtrain -n \"not __fish_seen_subcommand_from $commands\" -a \(command.name) -d "
          + CompletionScript.quoted(CompletionScript.brief(command.abstract)))
    }
    lines.append(
      "complete -c dtrain -n \"not __fish_seen_subcommand_from $commands\" -l version -d 'Show the version'"
    )
    for command in commands {
      if let parent = command.parent {
        lines.append(
          "complete -c dtrain -n '__fish_seen_subcommand_from \(parent)' -a \(command.name) -d "
            + CompletionScript.quoted(CompletionScript.brief(command.abstract)))
      }
      let names = [command.parent, command.name].compactMap { $0 }
      lines += command.arguments.map { line($0, of: names) }
      // More values of an option that takes many stand where arguments without a name would.
      if command.arguments.contains(where: {
        $0.kind == .option && $0.takesMany && $0.values == .files
      }) {
        lines.append("complete -c dtrain -n '\(condition(names))' -F")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// That a command is typed, by the names of it and of the one that it belongs to.
  private static func condition(_ names: [String]) -> String {
    names.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
  }

  private static func line(
    _ argument: CommandDescription.Argument, of names: [String]
  ) -> String {
    var line = "complete -c dtrain -n '\(condition(names))'"
    for name in argument.names {
      line += name.hasPrefix("--") ? " -l \(name.dropFirst(2))" : " -s \(name.dropFirst())"
    }
    let isOption = argument.kind == .option
    switch argument.values {
    case .none: if isOption { line += " -x" }
    case .files: line += isOption ? " -r -F" : " -F"
    case .directories: line += "\(isOption ? " -x" : "") -a '(__fish_complete_directories)'"
    case .words(let words, let andFiles):
      line += isOption ? andFiles ? " -r -F" : " -x" : ""
      line += " -a \(CompletionScript.quoted(words.joined(separator: " ")))"
    }
    guard argument.kind != .positional else { return line }
    return line + " -d " + CompletionScript.quoted(CompletionScript.brief(argument.abstract))
  }
}
