//! Gives cynic the committed schema; a change of it builds this client anew.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cynic_codegen::register_schema("filmgate").from_sdl_file("../../../schema.graphql")?.as_default()?;
    renamed()
}

/// The same schema with one field renamed, for the example that must not compile.
fn renamed() -> Result<(), Box<dyn std::error::Error>> {
    let committed = std::fs::read_to_string("../../../schema.graphql")?;
    let renamed = committed.replace("\tlikes: Int!", "\tvotesFor: Int!");
    if renamed == committed {
        return Err("schema.graphql has no field of this form to rename".into());
    }
    cynic_codegen::register_schema("renamed").from_sdl(&renamed)?;
    Ok(())
}
