fn main() {
    println!("{}", incident_http::openapi_json());
}
