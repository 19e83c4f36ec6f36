//! What every answer and every object has in common, said once for all of them.

use utoipa::openapi::path::{Operation, ParameterBuilder, PathItem};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{OpenApi, RefOr, Required, Schema};

use super::cacheable::{NOT_MODIFIED, not_modified};
use super::credentials::name_credentials;
use super::headers::{add_header, headers, name_headers};
use super::refusals;
use crate::service::page::DEFAULT_PAGE;

/// Adds headers and refusals to a document that has all its operations, and closes its objects.
pub(in crate::rest) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.headers = headers();
    components.responses = refusals::responses();
    components.responses.insert(NOT_MODIFIED.to_owned(), not_modified());
    components.responses.values_mut().for_each(name_headers);
    components.schemas.values_mut().for_each(|schema| set_open(schema, false));
    if let Some(mut film) = components.schemas.get("NewFilm").cloned() {
        set_open(&mut film, true);
        if let RefOr::T(Schema::Object(film)) = &mut film {
            film.description =
                Some("A film to add, as `/add_film` takes it: other members are ignored.".to_owned());
        }
        components.schemas.insert("DocumentedNewFilm".to_owned(), film);
    }
    name_credentials(document);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        // The macro says so of types alone, and not of references.
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.required = Some(Required::True);
        }
        let is_made_once =
            operation.parameters.iter().flatten().any(
                |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key"),
            );
        for (status, response) in &mut operation.responses.responses {
            name_headers(response);
            if is_made_once && status.starts_with('2') {
                add_header(response, "Idempotency-Replayed");
            }
        }
    }
}

/// Says how many entries a page has at most.
pub(in crate::rest) fn bound_pages(document: &mut OpenApi, most: u32) {
    let operations = document.paths.paths.values_mut().flat_map(operations);
    for parameter in operations.flat_map(|operation| operation.parameters.iter_mut().flatten()) {
        if let RefOr::T(parameter) = parameter
            && ["first", "last"].contains(&parameter.name.as_str())
            && let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema
        {
            schema.maximum = Some(most.into());
            let example = DEFAULT_PAGE.min(most).into();
            *parameter = ParameterBuilder::from(parameter.clone()).example(Some(example)).build();
        }
    }
}

/// An object has the members that are described and no others, but for one that is open, which ignores others.
fn set_open(schema: &mut RefOr<Schema>, is_open: bool) {
    if let RefOr::T(Schema::Object(object)) = schema
        && !object.properties.is_empty()
    {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(is_open)));
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, head, post, put, patch, delete, .. } = item;
    [get, head, post, put, patch, delete].into_iter().flatten()
}
