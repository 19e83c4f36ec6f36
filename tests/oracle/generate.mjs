// Makes valid documents out of the schema: random selections, aliases, fragments, nestings, variables and conditions.
import {
  GraphQLBoolean,
  GraphQLNonNull,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";
import { Random } from "./random.mjs";
import { schema } from "./reference.mjs";

/** Texts, some of them hard to read and to write. */
export const TEXTS = ["Drama", "Toho", "fox", "", " ", "é", "🎬", 'a "b"', "back\\slash", "line\nend", "\u0007", "#{}", "$x", "null"];
const NAMES = ["Film", "Query", "Role", "AddFilmInput", "Nope"];
const INTEGERS = [0, 1, 2, 3, 5, 20, 1931, 1979, 2013];
const IDS = [1, 2, 3, 7, 9, 999, "1", "4", "12", "999999"];

/** The sort whose order the server alone knows. */
const UNDETERMINED = "SHUFFLED";

const USUAL = { kinds: ["query"], depth: 5, width: 3, fragments: 4, nests: 0.24, conditions: 0.06, descriptions: false };

/**
 * A valid document with variables to send beside it, and others on request. `roots`: the root fields it may have, by the name of their type.
 * `shape`: how wide
 * and deep it is, and how likely it is that a part of a selection is a fragment, or has a condition.
 */
export function generate(random, roots, shape = {}) {
  return new Generator(random, roots, { ...USUAL, ...shape }).document();
}

class Generator {
  #random;
  #roots;
  #shape;
  #fragments = [];
  #definitions = [];
  /** Each makes a value for a variable, or `undefined` where it is left out. */
  #values = new Map();
  /** Names of variables, by the type of the places where they may stand. */
  #known = new Map();
  /** Keys by what they answer, so that no two fields with different arguments share one. */
  #keys = new Map();
  #taken = new Map();

  constructor(random, roots, shape) {
    this.#random = random;
    this.#roots = roots;
    this.#shape = shape;
  }

  document() {
    const kind = this.#random.of(this.#shape.kinds);
    const root = schema.getRootType(kind);
    const selection = kind === "subscription" ? this.#subscription(root) : this.#selection(root, this.#shape.depth);
    const definitions = this.#definitions.length ? `(${this.#definitions.join(this.#random.of([",", " ", ", "]))})` : "";
    const isShort = kind === "query" && !definitions && this.#random.is(0.5);
    const name = isShort || this.#random.is(0.3) ? "" : this.#random.of([" Q", " query", " on", " Films_1"]);
    const head = isShort ? "" : this.#described(`${kind}${name}${definitions}`);
    const parts = [head + selection, ...this.#fragments.map(({ text }) => text)];
    // The order of definitions says nothing.
    if (this.#random.is(0.3)) parts.push(parts.shift());
    const query = parts.join(this.#random.of([" ", "\n", "\n\n# next\n"]));
    return { query, kind, variables: this.#chosen(), others: this.#others() };
  }

  /** Asked for later, and by several at once: with choices of its own, so that a seed makes the same each time. */
  #others() {
    const random = new Random(this.#random.below(2 ** 32));
    return () => {
      this.#random = random;
      return this.#chosen();
    };
  }

  /** A value for each variable, chosen anew each time. */
  #chosen() {
    const all = [...this.#values].map(([name, choose]) => [name, choose()]);
    return Object.fromEntries(all.filter(([, value]) => value !== undefined));
  }

  #described(definition) {
    if (!this.#shape.descriptions || this.#random.is(0.9)) return definition;
    return this.#random.of(['"what it is for" ', '"""what it is for""" ']) + definition;
  }

  /** One root field, without conditions, perhaps within fragments. */
  #subscription(root) {
    let text = `{${this.#field(root, this.#random.of(this.#fieldsOf(root)), 3)}}`;
    while (this.#random.is(0.3)) text = this.#random.of([`{...${text}}`, `{...on ${root.name}${text}}`]);
    return text;
  }

  #fieldsOf(type) {
    const names = this.#roots[type.name];
    const fields = Object.values(type.getFields());
    return names ? fields.filter((field) => names.includes(field.name)) : fields;
  }

  #selection(type, depth) {
    const parts = [];
    const count = 1 + this.#random.below(this.#shape.width);
    for (let part = 0; part < count; part += 1) parts.push(this.#part(type, depth));
    return `{${parts.join(this.#random.of([" ", ",", "\n  "]))}}`;
  }

  #part(type, depth) {
    const choice = this.#random.next();
    const { nests } = this.#shape;
    if (depth > 0 && choice < nests / 2) return this.#inline(type, depth);
    if (depth > 0 && choice < nests) return this.#spread(type, depth);
    if (choice < nests + 0.06) return this.#aliased("__typename", "__typename", this.#condition());
    if (type === schema.getQueryType() && choice < nests + 0.1 && this.#roots.introspection) return this.#introspection();
    const fields = this.#fieldsOf(type).filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    if (fields.length === 0) return "__typename";
    return this.#field(type, this.#random.of(fields), depth);
  }

  #field(type, field, depth) {
    const condition = type === schema.getSubscriptionType() ? "" : this.#condition();
    const named = getNamedType(field.type);
    const selection = isCompositeType(named) ? this.#selection(named, depth - 1) : "";
    return this.#aliased(field.name, field.name + this.#arguments(field), condition + selection);
  }

  /** `asked`: the field with its arguments. The same is asked for under the same key, or under several. */
  #aliased(name, asked, rest) {
    const known = this.#keys.get(asked) ?? [];
    if (known.length > 0 && this.#random.is(0.6)) {
      const key = this.#random.of(known);
      return (key === name ? "" : `${key}:`) + asked + rest;
    }
    let key = name;
    if (this.#random.is(0.3) || this.#taken.has(key)) {
      do key = `${name}_${this.#random.below(1_000)}`;
      while (this.#taken.has(key));
    }
    this.#taken.set(key, asked);
    this.#keys.set(asked, [...known, key]);
    return (key === name ? "" : `${key}:`) + asked + rest;
  }

  #inline(type, depth) {
    const within = this.#narrowed(type);
    const on = within !== type || this.#random.is(0.5) ? `on ${within.name}` : "";
    return `...${on}${this.#condition()}${this.#selection(within, depth - 1)}`;
  }

  /** A type that a fragment within this one may name. */
  #narrowed(type) {
    const others = isInterfaceType(type) ? schema.getPossibleTypes(type) : type.getInterfaces();
    return this.#random.of([type, ...others]);
  }

  /** An earlier fragment or a new one. A fragment is listed once it is finished, so that none spreads itself. */
  #spread(type, depth) {
    const fitting = this.#fragments.filter((fragment) => fragment.on === type.name && fragment.depth <= depth);
    let name;
    if (fitting.length > 0 && (this.#random.is(0.5) || this.#fragments.length >= this.#shape.fragments)) {
      name = this.#random.of(fitting).name;
    } else {
      if (this.#fragments.length >= this.#shape.fragments) return this.#inline(type, depth);
      const selection = this.#selection(type, depth - 1);
      name = `${this.#random.of(["F", "fragment", "query", "true"])}${this.#fragments.length}`;
      const text = this.#described(`fragment ${name} on ${type.name}${selection}`);
      this.#fragments.push({ name, on: type.name, depth, text });
    }
    return `...${name}${this.#condition()}`;
  }

  #introspection() {
    const name = JSON.stringify(this.#random.of(NAMES));
    const about = this.#random.of(["kind name", "fields{name args{name}}", "enumValues{name}", "inputFields{name type{kind}}"]);
    return this.#aliased("__type", `__type(name:${name})`, `{${about}}`);
  }

  #condition() {
    let text = "";
    for (const directive of ["skip", "include"]) {
      if (!this.#random.is(this.#shape.conditions)) continue;
      const value = this.#random.is(0.5) ? this.#random.of(["true", "false"]) : this.#variable(new GraphQLNonNull(GraphQLBoolean));
      text += ` @${directive}(if:${value})`;
    }
    return text;
  }

  #arguments(field) {
    // A page is taken from one end, and only now and then from a place in the list, or with a seed, which is refused then.
    // What is unseen is known of accounts alone.
    const left = [this.#random.of(["first", "last"]), "unseen"];
    const isRare = ({ name }) => ["after", "before", "seed"].includes(name) && this.#random.is(0.8);
    const isLeft = (argument) => left.includes(argument.name) || isRare(argument);
    const given = field.args.filter((argument) => isRequiredArgument(argument) || (this.#random.is(0.3) && !isLeft(argument)));
    const texts = given.map((argument) => `${argument.name}:${this.#input(argument.type)}`);
    if (this.#random.is(0.2)) texts.reverse();
    return texts.length ? `(${texts.join(this.#random.of([",", " ", ", "]))})` : "";
  }

  /** What stands where a type is expected: a literal, or a variable. */
  #input(type) {
    return this.#random.is(0.35) ? this.#variable(type) : this.#literal(type, true);
  }

  /** A variable that may stand where a type is expected, perhaps with a default, and perhaps with a value. */
  #variable(type) {
    const known = this.#known.get(String(type)) ?? [];
    if (known.length > 0 && this.#random.is(0.4)) return this.#random.of(known);
    const name = `v${this.#definitions.length}`;
    this.#known.set(String(type), [...known, `$${name}`]);
    const inner = isNonNullType(type) ? type.ofType : type;
    const hasDefault = this.#random.is(0.3);
    // With a default, a nullable variable may stand where null may not.
    const isStrict = hasDefault || !isNonNullType(type) ? this.#random.is(0.5) : true;
    const fallback = hasDefault ? ` = ${this.#literal(inner, false)}` : "";
    this.#definitions.push(this.#described(`$${name}:${inner}${isStrict ? "!" : ""}${fallback}`));
    this.#values.set(name, () => {
      if ((hasDefault || !isStrict) && this.#random.is(0.4)) return undefined;
      return !isStrict && !isNonNullType(type) && this.#random.is(0.3) ? null : this.#value(inner);
    });
    return `$${name}`;
  }

  /** A value as a literal. `mayVary`: whether variables may stand in it. */
  #literal(type, mayVary) {
    if (isNonNullType(type)) return this.#plain(type.ofType, mayVary);
    return mayVary && this.#random.is(0.05) ? "null" : this.#plain(type, mayVary);
  }

  #plain(type, mayVary) {
    if (isListType(type)) {
      if (this.#random.is(0.2)) return this.#plain(getNullableType(type.ofType), false);
      const items = Array.from({ length: this.#random.below(3) }, () =>
        mayVary ? this.#input(type.ofType) : this.#literal(type.ofType, false),
      );
      return `[${items.join(",")}]`;
    }
    if (isInputObjectType(type)) {
      const members = this.#members(type).map((field) => {
        const value = mayVary ? this.#input(field.type) : this.#literal(field.type, false);
        return `${field.name}:${value}`;
      });
      return `{${members.join(this.#random.of([",", " "]))}}`;
    }
    if (isEnumType(type)) return this.#value(type);
    const value = this.#value(type);
    return typeof value === "string" ? this.#text(value) : String(value);
  }

  /** A text in one of the ways to write it. */
  #text(value) {
    const isPlain = /^[ -~é🎬]*$/u.test(value) && !/["\\]/.test(value) && value.trim() === value;
    if (isPlain && value !== "" && this.#random.is(0.2)) return `"""${value}"""`;
    const escape = (character) => {
      const point = character.codePointAt(0);
      const units = [...Array(character.length).keys()].map((place) => character.charCodeAt(place));
      const byUnits = units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
      return this.#random.is(0.5) ? `\\u{${point.toString(16)}}` : byUnits;
    };
    const written = [...value].map((character) => {
      if (this.#random.is(0.1) || character < " ") return escape(character);
      return character === '"' || character === "\\" ? `\\${character}` : character;
    });
    return `"${written.join("")}"`;
  }

  #members(type) {
    const fields = Object.values(type.getFields());
    return fields.filter((field) => isRequiredInputField(field) || this.#random.is(0.4));
  }

  /** A value as JSON has it. */
  #value(type) {
    if (isNonNullType(type)) return this.#value(type.ofType);
    if (isListType(type)) {
      if (this.#random.is(0.2)) return this.#value(type.ofType);
      return Array.from({ length: this.#random.below(3) }, () => this.#value(type.ofType));
    }
    if (isInputObjectType(type)) {
      return Object.fromEntries(this.#members(type).map((field) => [field.name, this.#value(field.type)]));
    }
    if (isEnumType(type)) return this.#random.of(type.getValues().filter(({ name }) => name !== UNDETERMINED)).name;
    switch (type.name) {
      case "ID":
        return this.#random.of(IDS);
      case "Int":
        return this.#random.of(INTEGERS);
      case "Boolean":
        return this.#random.is(0.5);
      case "DateTime":
        return "2030-01-01T00:00:00Z";
      default:
        return this.#random.of(TEXTS);
    }
  }
}
