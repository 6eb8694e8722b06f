"""Random `.proto` files, most of them valid: every declaration, literal, option and comment that the
language has, in any order and spacing, and some files with one token changed.

`make` answers a dict of path to bytes for a seed; the last path is the file to compile. The same seed
gives the same files. Run as a program (`random.rs` does) it writes the files of some seeds, has them
compiled by the protoc of its own Python, and prints a line for each.
"""
import os
import random
import re
import sys

WORDS = """message enum service rpc option to max reserved syntax edition package import extend group
stream returns weak public export local required optional repeated oneof map extensions string bytes
int32 bool inf nan true false default json_name packed ctype a b c_d e1 foo foo_bar Foo fooBar x_1
value name id Bar Baz quux""".split()
SCALARS = """double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64
bool string bytes""".split()
KEYS = [name for name in SCALARS if name not in ("double", "float", "bytes")]
INTS = {
    "int32": (-(1 << 31), (1 << 31) - 1), "sint32": (-(1 << 31), (1 << 31) - 1),
    "sfixed32": (-(1 << 31), (1 << 31) - 1), "uint32": (0, (1 << 32) - 1),
    "fixed32": (0, (1 << 32) - 1), "int64": (-(1 << 63), (1 << 63) - 1),
    "sint64": (-(1 << 63), (1 << 63) - 1), "sfixed64": (-(1 << 63), (1 << 63) - 1),
    "uint64": (0, (1 << 64) - 1), "fixed64": (0, (1 << 64) - 1),
}
KINDS = """File Message Field Oneof Enum EnumValue Service Method ExtensionRange""".split()
LEVELS = ["proto2", "proto3", "2023", "2024"]
SPACES = [" ", " ", " ", "\n", "\n\n", "\t", "\r\n", "\v", "\f", "  ", " \t\n"]
COMMENTS = [
    "// c\n", "//\n", "///three\n", "/* c */", "/**/", "/*\n * star\n * more\n */", "/* a\n\n  b */",
    "// \u00e9\u4e2d\U0001f600\n", "// a\n// b\n", "// a\n\n// b\n", "/* x *//* y */", "// t\t\r\n",
    "\n// detached\n\n", "/* \\ \" ' // */", "//* no\n", "/***/", "/* **/", "// c // d\n",
]
TEXT_FIELDS = {
    "b": "bool", "s": "string", "y": "bytes", "f": "float", "d": "double", "i": "int32",
    "l": "int64", "u": "uint32", "v": "uint64", "si": "sint32", "x": "fixed64", "e": "E",
    "m": "M", "r_i": "*int32", "r_s": "*string", "r_e": "*E", "r_m": "*M", "r_f": "*float",
    "Grp": "G", "one_s": "string", "one_m": "M", "mp": "^string,int32", "mm": "^int32,M",
    "any": "A", "[o.xs]": "string", "[o.xm]": "M", "[ o . xr ]": "*int32", "[o.Holder.inner]": "M",
    "[o.xg]": None,
}
# the options that the random files may set: a field of `o.M` for each way that an option can be
OPTIONS_FILE = """syntax = "proto2"; package o;
import "google/protobuf/descriptor.proto"; import "google/protobuf/any.proto";
enum E { Z = 0; ONE = 1; NEG = -1; BIG = 0x7fffffff; inf = 5; nan = 6; true = 7; }
message M {
  optional bool b = 1; optional string s = 2; optional bytes y = 3; optional float f = 4;
  optional double d = 5; optional int32 i = 6; optional int64 l = 7; optional uint32 u = 8;
  optional uint64 v = 9; optional sint32 si = 10; optional fixed64 x = 11; optional E e = 12;
  optional M m = 13; repeated int32 r_i = 14; repeated string r_s = 15; repeated E r_e = 16;
  repeated M r_m = 17; repeated float r_f = 18 [packed = true];
  optional group Grp = 19 { optional int32 i = 1; optional string s = 2; }
  oneof one { string one_s = 20; M one_m = 21; }
  map<string, int32> mp = 22; map<int32, M> mm = 23; optional google.protobuf.Any any = 24;
  extensions 100 to max;
}
message Holder { extend M { optional M inner = 150; } }
extend M { optional string xs = 100; optional M xm = 101; repeated int32 xr = 102 [packed = true]; }
message P3 { optional int32 i = 1; optional string s = 2; }
"""


def options_file():
    text, number = OPTIONS_FILE, 50001
    for kind in KINDS:
        text += "extend google.protobuf.%sOptions {\n" % kind
        for type in SCALARS + ["E", "M"]:
            name = ("%s_%s" % (kind, type)).lower()
            text += "  optional %s %s = %d; repeated %s r_%s = %d;\n" % (
                type, name, number, type, name, number + 1)
            number += 2
        text += "}\n"
    return text


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = {}
        self.fresh = 0
        self.field_features = []
        self.wild = self.r.random() < 0.3
        self.types = []   # (full name, kind, values, file index)
        self.tokens = []
        self.level = None

    # -- choices
    def p(self, chance):
        return self.r.random() < chance

    def one(self, items):
        return self.r.choice(items)

    def name(self, scope, upper=None):
        """A name that its scope does not have; styled where edition 2024 wants it."""
        taken = self.names.setdefault(scope, set())
        for _ in range(20):
            word = self.one(WORDS)
            if self.level == "2024" or self.p(0.3):
                self.fresh += 1
                word = {"type": "T%d", "value": "V%d", "method": "R%d"}.get(upper, "n%d") % self.fresh
            if word.lower().replace("_", "") not in taken:
                break
        taken.add(word.lower().replace("_", ""))
        return word

    # -- tokens
    def t(self, *tokens):
        for token in tokens:
            if isinstance(token, str):
                self.tokens.append(token)
            else:
                self.tokens.extend(token)

    def dotted(self, name):
        """A name with dots is several tokens."""
        out = []
        for i, part in enumerate(name.split(".")):
            out += (["."] if i else []) + ([part] if part else [])
        return out

    def integer(self, low, high):
        value = self.one([0, 1, low, high, self.r.randint(low, high), self.r.randint(0, min(high, 99))])
        value = max(low, min(high, value))
        digits = self.one(["%d", "%d", "0x%x", "0X%X", "0%o"]) % abs(value)
        return (["-"] if value < 0 else []) + [digits]

    def floating(self, words=True):
        sign = ["-"] if self.p(0.3) else []
        text = self.one([
            "1.5", ".5", "1.", "0.", "1e5", "1E+5", "1e-5", "0.1", "3.4028235e38", "1e39", "1e-46",
            "1.7976931348623157e308", "1e400", "1e-400", "123456789012345678901234567890", "0x10",
            "017", "16777217", "0.1e1", "1.0e0", "9007199254740993", "4e-324", "0", "00", "1.17549435e-38",
            str(self.r.random() * 10 ** self.r.randint(-20, 20)), str(self.r.randint(0, 10 ** 18)),
        ] + (["inf", "nan"] if words else []))
        return sign + [text]

    def string(self, pieces=None):
        """One or several literals that belong together."""
        out = []
        for _ in range(pieces or self.one([1, 1, 1, 2, 3])):
            quote = self.one(['"', "'"])
            text = ""
            for _ in range(self.r.randint(0, 6)):
                text += self.one([
                    "a", "Z", " ", "\\n", "\\t", "\\\\", "\\'", '\\"', "\\x41", "\\X4a", "\\101", "\\7",
                    "\\0", "\\u00e9", "\\U0001F600", "\\a", "\\b", "\\f", "\\r", "\\v", "\\?", "\u00e9",
                    "\u4e2d", "\U0001f600", "//", "/*", "'" if quote == '"' else '"', "\\177", "#", "$",
                    "\\uD83D\\uDE00" if self.p(0.1) else "x", "\\400" if self.p(0.02) else "y",
                ])
            out.append(quote + text + quote)
        return out

    def bytes_(self):
        out = self.string()
        if self.p(0.4):
            out.append('"' + "".join(self.one(["\\xff", "\\377", "\\x8", "\\000", "q"]) for _ in range(3)) + '"')
        return out

    def value(self, type):
        """A value as options and defaults write it."""
        if type in INTS:
            return self.integer(*INTS[type])
        if type in ("float", "double"):
            return self.floating()
        if type == "bool":
            return [self.one(["true", "false"])]
        if type == "string":
            return self.string()
        if type == "bytes":
            return self.bytes_()
        if type == "E":
            return [self.one(["Z", "ONE", "NEG", "BIG", "inf", "nan", "true"])]
        return self.aggregate(3)

    # -- text format
    def aggregate(self, depth):
        return ["{"] + self.text_fields(depth) + ["}"]

    def text_fields(self, depth):
        out, used = [], set()
        for _ in range(self.r.randint(0, 4)):
            name = self.one(list(TEXT_FIELDS))
            type = TEXT_FIELDS[name]
            repeated = type and type[0] in "*^"
            if type is None or (name in used and not repeated) or (name.startswith("one_") and any(
                    other.startswith("one_") for other in used)):
                continue
            used.add(name)
            words = self.dotted(name.replace(" ", "")) if "." in name else [name]
            if "." in name:
                words = ["["] + self.dotted(name.strip("[] ").replace(" ", "")) + ["]"]
            out += words + self.text_value(type.lstrip("*"), depth, type.startswith("*"))
            if self.p(0.4):
                out.append(self.one([",", ";"]))
        return out

    def text_value(self, type, depth, repeated):
        if repeated and self.p(0.5):
            items = [self.text_scalar(type, depth) for _ in range(self.r.randint(0, 3))]
            out = []
            for i, item in enumerate(items):
                out += ([","] if i else []) + item
            colon = [":"] if type not in ("M",) or self.p(0.5) else []
            return (colon or [":"] if not items else colon) + ["["] + out + ["]"]
        if type in ("M", "G", "A") or type.startswith("^"):
            return ([":"] if self.p(0.3) else []) + self.text_scalar(type, depth)
        return [":"] + self.text_scalar(type, depth)

    def text_scalar(self, type, depth):
        if type == "bool":
            return [self.one(["true", "false", "True", "False", "t", "f", "1", "0"])]
        if type in INTS or type == "string" or type == "bytes":
            return self.value(type)
        if type in ("float", "double"):
            sign = ["-"] if self.p(0.2) else []
            return self.one([self.floating(), sign + [self.one(["inf", "infinity", "nan", "INF", "1.5f", "2F"])]])
        if type == "E":
            return [self.one(["Z", "ONE", "NEG", "BIG", "1", "0x1"])]
        left, right = self.one([("{", "}"), ("{", "}"), ("<", ">")])
        if depth <= 0:
            return [left, right]
        if type == "G":
            return [left] + (["i", ":"] + self.value("int32") if self.p(0.5) else []) + [right]
        if type == "A":
            if self.p(0.5):
                return [left, "type_url", ":", '"a.b/o.M"', right]
            inside = self.text_scalar("M", depth - 1)
            return [left, "["] + self.dotted("type.googleapis.com") + ["/"] + self.dotted("o.M") + ["]"] + (
                [":"] if self.p(0.3) else []) + inside + [right]
        if type.startswith("^"):
            key, value = type[1:].split(",")
            out = ["key", ":"] + self.value(key) if self.p(0.9) else []
            out += (["value"] + self.text_value(value, depth - 1, False)) if self.p(0.9) else []
            return [left] + out + [right]
        return [left] + self.text_fields(depth - 1) + [right]

    # -- options
    def setting(self, kind, used):
        """One custom option's name and value, or none."""
        if not self.uses_options:
            return None
        type = self.one(SCALARS + ["E", "M", "M"])
        name = ("%s_%s" % (kind, type)).lower()
        repeated = self.p(0.3)
        if repeated:
            name = "r_" + name
        elif name in used and not (type == "M"):
            return None
        full = ["("] + ([("."), ] if self.p(0.3) else []) + self.dotted("o." + name) + [")"]
        if type == "M" and not repeated and self.p(0.7):
            if name in used and used[name] == "whole":
                return None
            path = []
            fields = [f for f in TEXT_FIELDS if TEXT_FIELDS[f] and f not in ("Grp", "any") and
                      TEXT_FIELDS[f][0] != "^" and (not f.startswith("one_"))]
            field = self.one(fields)
            if self.p(0.3):
                path += [".", "m"]
                if (name, "m") in used and used[(name, "m")] == "whole":
                    return None
                used[(name, "m")] = "part"
            if "[" in field:
                word = ["(", *self.dotted(field.strip("[] ").replace(" ", "")), ")"]
            else:
                word = [field]
            key = (name, tuple(path), field)
            what = TEXT_FIELDS[field]
            if key in used and not what.startswith("*"):
                return None
            if field == "m" and not path:
                if (name, "m") in used:
                    return None
                used[(name, "m")] = "whole"
            used[key] = used[name] = "part"
            what = what.lstrip("*")
            return full + path + ["."] + word + ["="] + (
                self.aggregate(2) if what == "M" else self.value(what))
        if name in used and not repeated:
            return None
        used[name] = "whole"
        return full + ["="] + self.value(type)

    def features(self, kind):
        if self.level not in ("2023", "2024"):
            return None
        choices = {
            "File": [("field_presence", ["EXPLICIT", "IMPLICIT"]), ("enum_type", ["OPEN", "CLOSED"]),
                     ("repeated_field_encoding", ["PACKED", "EXPANDED"]),
                     ("utf8_validation", ["VERIFY", "NONE"]), ("json_format", ["ALLOW", "LEGACY_BEST_EFFORT"]),
                     ("message_encoding", ["LENGTH_PREFIXED", "DELIMITED"])],
            "Message": [("json_format", ["ALLOW", "LEGACY_BEST_EFFORT"])],
            "Field": self.field_features,
            "Enum": [("enum_type", ["OPEN", "CLOSED"]), ("json_format", ["ALLOW", "LEGACY_BEST_EFFORT"])],
        }.get(kind, [])
        if self.level == "2024":
            choices = choices + [("enforce_naming_style", ["STYLE2024", "STYLE_LEGACY"])]
            if kind == "File":
                choices = choices + [("default_symbol_visibility", [
                    "EXPORT_ALL", "EXPORT_TOP_LEVEL", "LOCAL_ALL", "STRICT"])]
        if not choices:
            return None
        name, values = self.one(choices)
        value = self.one(values)
        if self.p(0.2):
            return ["features", "=", "{", name, ":", value, "}"]
        return ["features", ".", name, "=", value]

    def settings(self, kind, standard, most=3):
        out, used, names = [], {}, set()
        for _ in range(self.r.choice([0, 0, 0, 1, 1, 2, most])):
            choice = self.r.random()
            if choice < 0.45 and standard:
                name, value = self.one(standard)
                if name in names:
                    continue
                names.add(name)
                value = value() if callable(value) else [value]
                out.append([name, "="] + value)
            elif choice < 0.6:
                feature = self.features(kind)
                if feature and not any(o[:1] == ["features"] for o in out):
                    out.append(feature)
            else:
                custom = self.setting(kind, used)
                if custom:
                    out.append(custom)
        return out

    def statements(self, kind, standard):
        for setting in self.settings(kind, standard):
            self.t("option", setting, ";")

    def bracket(self, kind, standard, first=()):
        settings = list(first) + self.settings(kind, standard)
        if settings:
            self.r.shuffle(settings)
            self.t("[")
            for i, setting in enumerate(settings):
                self.t([","] if i else [], setting)
            self.t("]")

    def flag(self, name):
        return (name, lambda: [self.one(["true", "false"])])

    # -- declarations
    def file(self, path, level, imports, package):
        self.level, self.package, self.tokens = level, package, []
        self.uses_options = any("o.proto" in i[1] for i in imports)
        self.file_types = []
        if level != "proto2" or self.p(0.7):
            self.t("edition" if level[0] == "2" else "syntax", "=", self.one(['"%s"', "'%s'"]) % level, ";")
        head = [lambda i=i: self.t("import", [i[0]] if i[0] else [], '"%s"' % i[1], ";") for i in imports]
        if package:
            head.append(lambda: self.t("package", self.dotted(package), ";"))
        for kind in (0, 1):
            if self.p(0.5):
                head.append(lambda: self.statements("File", [
                    ("java_package", lambda: self.string(1)), ("go_package", '"x/y"'),
                    self.flag("deprecated"), self.flag("java_string_check_utf8") if level != "2024" else
                    self.flag("deprecated"), ("optimize_for", self.one(["SPEED", "CODE_SIZE"])),
                    ("objc_class_prefix", lambda: self.string()), self.flag("cc_enable_arenas"),
                ]) if not getattr(self, "has_options", False) and not setattr(self, "has_options", True) else None)
        if level == "2024":  # imports for options come last
            head.sort(key=lambda _: 0)
        else:
            self.r.shuffle(head)
        self.has_options = False
        for item in head:
            item()
            if self.p(0.1):
                self.t(";")
        scope = package or ""
        for _ in range(self.r.randint(1, 6)):
            self.one([self.message, self.message, self.message, self.enum, self.service, self.extend])(scope, 0)
            if self.p(0.1):
                self.t(";")
        return self.spell(self.tokens)

    def visibility(self, nested):
        if self.level == "2024" and self.p(0.2):
            self.t(self.one(["export", "local"]) if not nested or self.p(0.5) else "export")

    def message(self, scope, depth):
        self.visibility(depth)
        name = self.name(scope, "type")
        full = (scope + "." if scope else "") + name
        self.types.append((full, "message", None, self.index))
        self.t("message", name, "{")
        self.body(full, depth)
        self.t("}")

    def body(self, full, depth):
        numbers = iter(self.r.sample(range(1, 120), 60))
        spare = iter(range(1000, 9000, 37))
        names, parts = full, []
        self.statements("Message", [
            self.flag("deprecated"), self.flag("no_standard_descriptor_accessor")])
        for _ in range(self.r.randint(0, 7)):
            choice = self.r.random()
            if choice < 0.5:
                self.field(full, names, next(numbers), depth)
            elif choice < 0.57:
                self.map_field(full, next(numbers))
            elif choice < 0.65:
                self.oneof(full, numbers, depth)
            elif choice < 0.72 and depth < 4:
                self.message(full, depth + 1)
            elif choice < 0.78:
                self.enum(full, depth + 1)
            elif choice < 0.84:
                start = next(spare)
                self.reserved(start, full)
            elif choice < 0.9 and self.level != "proto3":
                start = next(spare)
                self.t("extensions", str(start), ["to", str(start + 5)] if self.p(0.5) else [])
                self.extendable.append((full, start))
                if self.p(0.3):
                    start = next(spare)
                    self.t(",", str(start), "to", str(start + 3))
                if self.p(0.4):
                    self.bracket("ExtensionRange", [("verification", "UNVERIFIED")])
                self.t(";")
            elif choice < 0.95:
                self.extend(full, depth + 1)
            else:
                self.t(";")

    def reserved(self, start, full):
        self.t("reserved")
        if self.p(0.5):
            for i in range(self.r.randint(1, 3)):
                self.t([","] if i else [], str(start + i * 10), ["to", str(start + i * 10 + 5)] if self.p(0.4) else [])
            if self.p(0.05):
                self.t(",", "536870000", "to", "max")
        else:
            for i in range(self.r.randint(1, 3)):
                self.fresh += 1
                word = "gone%d" % self.fresh
                self.t([","] if i else [], word if self.level[0] == "2" else '"%s"' % word)
        self.t(";")

    def type_for(self, full):
        """A type's spelling, what it is, and for enums its values."""
        if self.p(0.55) or not self.types:
            name = self.one(SCALARS)
            return [name], name, None
        known = [t for t in self.types if t[3] == self.index or self.p(0.5)]
        if not known:
            return ["int32"], "int32", None
        name, kind, values, _ = self.one(known)
        if self.p(0.5):
            return ["."] + self.dotted(name), kind, values
        short = name
        parts = full.split(".")
        for i in range(len(parts), 0, -1):
            prefix = ".".join(parts[:i]) + "."
            if name.startswith(prefix) and self.p(0.7):
                short = name[len(prefix):]
                break
        return self.dotted(short), kind, values

    def label(self):
        if self.level == "proto2":
            return self.one(["optional", "optional", "repeated", "required"])
        if self.level == "proto3":
            return self.one(["", "", "optional", "repeated"])
        return self.one(["", "", "repeated"])

    def field(self, full, scope, number, depth, label=None, in_oneof=False, in_extend=False):
        label = self.label() if label is None else label
        if in_extend and label == "required":
            label = "optional"
        if self.level == "proto2" and self.p(0.12) and depth < 3:
            self.group(full, scope, number, depth, label)
            return
        type, kind, values = self.type_for(full)
        name = self.name(scope)
        first = []
        if kind not in ("message",) and label != "repeated" and self.level != "proto3" and self.p(0.35):
            if kind == "enum":
                first.append(["default", "=", self.one(values)])
            else:
                first.append(["default", "="] + self.value(kind))
        if self.p(0.12) and not in_extend:
            self.fresh += 1
            first.append(["json_name", "=", '"%s%d"' % (self.one(["J", "j_", "@", "\u00e9"]), self.fresh)])
        self.field_features = self.features_of(kind, label, in_oneof or in_extend, bool(first))
        standard = [self.flag("deprecated"), ("debug_redact", "true"), ("retention", "RETENTION_SOURCE"),
                    ("targets", "TARGET_TYPE_FIELD")]
        if label == "repeated" and kind in SCALARS and kind not in ("string", "bytes") and self.level[0] == "p":
            standard.append(self.flag("packed"))
        if kind in ("int64", "uint64", "fixed64", "sfixed64", "sint64"):
            standard.append(("jstype", self.one(["JS_STRING", "JS_NUMBER", "JS_NORMAL"])))
        if kind == "string" and self.level != "2024":
            standard.append(("ctype", self.one(["STRING", "CORD", "STRING_PIECE"])))
        self.t([label] if label else [], type, name, "=", self.spelled(number))
        self.bracket("Field", standard, first)
        self.t(";")

    def features_of(self, kind, label, is_part, has_default):
        """The features that a field may set, most of the time."""
        if self.p(0.03):
            return [("field_presence", ["IMPLICIT"]), ("repeated_field_encoding", ["PACKED"]),
                    ("message_encoding", ["DELIMITED"]), ("utf8_validation", ["NONE"])]
        found = []
        if label != "repeated" and not is_part:
            values = ["EXPLICIT", "LEGACY_REQUIRED"]
            if kind not in ("message", "enum") and not has_default:
                values.append("IMPLICIT")
            found.append(("field_presence", values))
        if label == "repeated" and kind not in ("message", "string", "bytes"):
            found.append(("repeated_field_encoding", ["PACKED", "EXPANDED"]))
        if kind == "message":
            found.append(("message_encoding", ["LENGTH_PREFIXED", "DELIMITED"]))
        if kind == "string":
            found.append(("utf8_validation", ["VERIFY", "NONE"]))
        return found

    def spelled(self, number):
        return self.one(["%d", "%d", "%d", "0x%x", "0%o"]) % number

    def group(self, full, scope, number, depth, label):
        self.fresh += 1
        self.field_features = []
        name = "Group%d" % self.fresh
        self.t([label] if label else [], "group", name, "=", self.spelled(number))
        if self.p(0.2):
            self.bracket("Field", [self.flag("deprecated")])
        self.types.append((full + "." + name if full else name, "message", None, self.index))
        self.t("{")
        self.body((full + "." if full else "") + name, depth + 1)
        self.t("}")

    def map_field(self, full, number):
        type, _, _ = self.type_for(full)
        self.field_features = []
        self.t("map", "<", self.one(KEYS), ",", type, ">", self.name(full), "=", str(number))
        self.bracket("Field", [self.flag("deprecated")])
        self.t(";")

    def oneof(self, full, numbers, depth):
        self.t("oneof", self.name(full), "{")
        self.statements("Oneof", [])
        for _ in range(self.r.randint(1, 3)):
            self.field(full, full, next(numbers), depth, label="", in_oneof=True)
        self.t("}")

    def enum(self, scope, depth):
        self.visibility(depth)
        name = self.name(scope, "type")
        full = (scope + "." if scope else "") + name
        self.t("enum", name, "{")
        alias = self.p(0.15)
        if alias:
            self.t("option", "allow_alias", "=", "true", ";")
        self.statements("Enum", [self.flag("deprecated")])
        values, used = [], {0}
        for i in range(self.r.randint(2 if alias else 1, 5)):
            self.fresh += 1
            value = ("V%d" if self.level == "2024" else self.one(["V%d", "v_%d", "Val%d"])) % self.fresh
            number = 0 if i == 0 else self.one([i, i, -i, 2147483647 - i, -2147483648 + i, i * 16])
            if alias and i == 1:
                number = 0
            elif number in used and i:
                continue
            used.add(number)
            values.append(value)
            spelled = (["-"] if number < 0 else []) + [self.spelled(abs(number))]
            self.t(value, "=", spelled)
            self.bracket("EnumValue", [self.flag("deprecated"), ("debug_redact", "true")])
            self.t(";")
        if self.p(0.2):
            self.t("reserved", self.one([["-", "100", "to", "-", "90"], ["1000000", "to", "2000000"], ["777", ",", "0x400"],
                                          ["2147483647"], ["-", "0x80000000"], ["2147483000", "to", "max"]]), ";")
        if self.p(0.1):
            word = "GONE%d" % self.fresh
            self.t("reserved", word if self.level[0] == "2" else '"%s"' % word, ";")
        self.t("}")
        self.types.append((full, "enum", values, self.index))

    def service(self, scope, depth):
        name = self.name(scope, "type")
        self.t("service", name, "{")
        self.statements("Service", [self.flag("deprecated")])
        messages = [t[0] for t in self.types if t[1] == "message" and t[3] == self.index]
        for _ in range(self.r.randint(0, 3)):
            if not messages:
                break
            ask, answer = self.one(messages), self.one(messages)
            stream = lambda: ["stream"] if self.p(0.3) else []
            self.t("rpc", self.name(scope + "." + name, "method"), "(", stream(), ".", self.dotted(ask), ")",
                   "returns", "(", stream(), ".", self.dotted(answer), ")")
            if self.p(0.5):
                self.t("{")
                self.statements("Method", [self.flag("deprecated"), ("idempotency_level", "IDEMPOTENT")])
                if self.p(0.2):
                    self.t(";")
                self.t("}")
                if self.p(0.1):
                    self.t(";")
            else:
                self.t(";")
        self.t("}")

    def extend(self, scope, depth):
        if not self.extendable or self.level == "proto3":
            return
        full, number = self.extendable.pop(self.r.randrange(len(self.extendable)))
        self.t("extend", ".", self.dotted(full), "{")
        self.field(scope, scope, number, depth, in_extend=True,
                   label=self.one(["optional", "repeated"]) if self.level == "proto2" else self.one(["", "repeated"]))
        self.t("}")

    # -- spelling
    def spell(self, tokens):
        out = "\ufeff" if self.p(0.03) else ""
        indent = 0
        newline = "\r\n" if self.p(0.1) else "\n"
        before = ""
        for token in tokens:
            out += self.between(before, token, newline)
            out += token
            before = token
        out += self.one(["", "\n", "\n// end\n", "\n/* end */", "// end", "\r\n"])
        return out

    def between(self, before, token, newline):
        words = before and token and is_word(before[-1]) and is_word(token[0])
        if self.wild:
            space = "".join(self.one(SPACES + COMMENTS) for _ in range(self.one([0, 0, 1, 1, 2])))
            # `1.` and `.5`: a number swallows a dot beside it; `/` begins a comment
            sticky = words or (before[-1:].isdigit() and token[0] == ".") or (
                before[-1:] == "." and token[0].isdigit()) or (before == "/" or token == "/")
            return space or (" " if sticky else "")
        if before in (";", "{", "}"):
            space = newline
            if self.p(0.15):
                space += self.one(COMMENTS).replace("\n", newline)
            if self.p(0.1):
                space = " " + self.one(COMMENTS).replace("\n", newline) + space
            if self.p(0.1):
                space += newline
            return space
        if words or before in ("=", ",", "]") or token in ("=", "{", "["):
            return " "
        return ""


def is_word(letter):
    return letter.isalnum() or letter in "_\"'."


def mutate(r, text):
    """One small mistake."""
    tokens = list(re.finditer(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"\n]*\"|[^\s\w]", text))
    if not tokens:
        return text
    token = r.choice(tokens)
    start, end = token.span()
    other = r.choice(tokens).group()
    choice = r.random()
    if choice < 0.3:
        return text[:start] + text[end:]
    if choice < 0.6:
        return text[:start] + other + text[end:]
    if choice < 0.8:
        return text[:start] + token.group() + " " + text[start:]
    junk = r.choice(["0", "-1", "08", "1x", "0x", "\"", "'", "$", "/", "//", "/*", "\\", "1e", "..", "{", "}",
                     "536870912", "19000", "2147483648", "4294967296", "18446744073709551616", "-", "+", "max"])
    return text[:start] + junk + " " + text[start:]


def make(seed):
    gen = Gen(seed)
    gen.extendable = []
    files = {"o.proto": options_file()}
    count = gen.one([1, 1, 2, 3])
    paths = []
    for index in range(count):
        gen.index = index
        level = gen.one(LEVELS)
        path = "f%d.proto" % index
        imports = []
        for i, other in enumerate(paths):
            kinds = ["", "", "public"] + (["weak"] if level != "2024" else [])
            imports.append((gen.one(kinds), other))
        if gen.p(0.6):
            option = gen.level_option = level == "2024" and gen.p(0.6)
            imports.append(("option" if option else "", "o.proto"))
        package = gen.one(["", "p", "p.q", "f%d" % index, "option.message"])
        if level == "2024" and package == "f%d" % index:
            package = "pkg"
        files[path] = gen.file(path, level, imports, package)
        paths.append(path)
    if gen.p(0.35):
        files[paths[-1]] = mutate(gen.r, files[paths[-1]])
    return {path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}


def judge(folder, includes, files):
    """protoc's verdict, and the place of its first error; descriptor sets are left beside the files."""
    from grpc_tools import _protoc_compiler
    said = os.path.join(folder, "said")
    for name, flags in [("imports", ["--include_imports"]), ("options", ["--retain_options"])]:
        words = ["protoc", "-I" + folder, "-I" + includes, "--include_source_info", *flags,
                 "-o" + os.path.join(folder, name + ".theirs"), list(files)[-1]]
        child = os.fork()  # some files end protoc by a signal
        if child == 0:
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            os._exit(_protoc_compiler.run_main([word.encode() for word in words]))
        if os.waitpid(child, 0)[1] != 0:
            place = re.escape(folder) + r"/(\S+?:\d+):\d+: (?!warning: )"
            lines = open(said, errors="replace").read().splitlines()
            places = [match[1] for match in (re.match(place, line) for line in lines) if match]
            return "reject", places[0] if places else "-"
    return "accept", "-"


def main(root, first, count):
    import grpc_tools
    includes = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
    for seed in range(int(first), int(first) + int(count)):
        files = make(seed)
        folder = os.path.join(root, str(seed))
        os.makedirs(folder)
        for path, text in files.items():
            with open(os.path.join(folder, path), "wb") as file:
                file.write(text)
        spacing = "wild" if Gen(seed).wild else "plain"
        print(seed, list(files)[-1], spacing, *judge(folder, includes, files), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
