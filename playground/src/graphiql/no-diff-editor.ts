// In the place of the editor for two texts beside each other, which GraphiQL does not show and Monaco always brings.

/** So that Monaco can name it; nobody makes one. */
export class DiffEditorWidget {}

export class MultiDiffEditorWidget {}
