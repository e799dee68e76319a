/**
 * The HTTP API's types, generated from its OpenAPI document by scripts/studio/client.ts.
 * Do not edit: run `npm run client`.
 */
export interface paths {
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive? */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openai/deployments/{deployment}/images/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same for a deployment */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                    prefer?: string;
                };
                path: {
                    deployment: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ImageEditRequestInput"];
                    "multipart/form-data": components["schemas"]["ImageEditRequestInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The pictures or, with `stream`, events until the pictures are there. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Images"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openai/deployments/{deployment}/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same for a deployment */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                    prefer?: string;
                };
                path: {
                    deployment: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ImageGenerationRequestInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The pictures or, with `stream`, events until the pictures are there. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Images"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can it take requests? */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            database: "ok" | "unavailable";
                            /** @enum {string} */
                            queue: "ok" | "unavailable";
                            /** @enum {string} */
                            status: "ok" | "draining" | "unavailable";
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            database: "ok" | "unavailable";
                            /** @enum {string} */
                            queue: "ok" | "unavailable";
                            /** @enum {string} */
                            status: "ok" | "draining" | "unavailable";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/albums": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List albums */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["Album"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        /** Create an album */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Album"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/albums/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an album */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Album"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete an album; its images stay */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            deleted: true;
                            id: string;
                            /** @enum {string} */
                            object: "album";
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Change the name or the cover of an album */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description An image of the album; null: its newest one. */
                        cover?: string | null;
                        name?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Album"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/albums/{id}/archive.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pictures of an album and a table of them, as ZIP */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The archive. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/albums/{id}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add images to an album */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        images: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Album"];
                    };
                };
            };
        };
        /** Remove images from an album */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        images: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Album"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/albums/{id}/manifest.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A table of the images of an album */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: with a byte order mark, which Excel wants. */
                    bom?: "0" | "1";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A row for each image. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List batches */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                    /** @description Text that the name, the id or the file name of the batch contains. */
                    q?: string;
                    status?: "validating" | "failed" | "in_progress" | "finalizing" | "completed" | "expired" | "cancelling" | "cancelled";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["Batch"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        /** Create a batch from a file */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/csv": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/json": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/jsonl": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/octet-stream": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/vnd.ms-excel": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/x-ndjson": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "multipart/form-data": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/csv": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/plain": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/tab-separated-values": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a batch */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change name, metadata, priority, deadline or position of a batch */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Unix seconds. Rows that have not started by then expire; null: they do not expire. */
                        deadline?: number | null;
                        /** @description Replaces all of it. */
                        metadata?: {
                            [key: string]: string;
                        };
                        /** @description Null removes it. */
                        name?: string | null;
                        /**
                         * @description Its waiting rows go before all other jobs of their priority until they have started. The last batch that was asked for goes first.
                         * @enum {string}
                         */
                        position?: "next";
                        /**
                         * @description Of the rows that wait, and of those that are still to be read.
                         * @enum {string}
                         */
                        priority?: "interactive" | "bulk";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/batches/{id}/archive.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its pictures and its manifest, as ZIP */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The archive. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a batch */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow a batch and its jobs */
        get: {
            parameters: {
                query?: {
                    /** @description The same as `last_event_id`. */
                    after?: string;
                    /** @description Resumes after this event, like `Last-Event-ID`. */
                    last_event_id?: string;
                    /** @description A token of `POST /v1/stream_tokens`, for clients that cannot send a key. */
                    stream_token?: string;
                };
                header?: {
                    accept?: string;
                    /** @description Resumes after this event. */
                    "last-event-id"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The events, as they happen. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description Every event has been sent. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/failed.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rows without pictures, as CSV */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: with a byte order mark, which Excel wants. */
                    bom?: "0" | "1";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The rows, in the columns of the caller. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/failed.jsonl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The lines without pictures of a JSONL file */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The lines of the caller. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/jsonl": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/finals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make finals of images of a batch */
        post: {
            parameters: {
                query?: {
                    /** @description `true`: only says what would be made, what it costs and what is wrong. */
                    dry_run?: "true" | "false";
                };
                header?: {
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @description `prompt` (default): the request is made anew. `edit`: the picture of the draft is sent along as the source, so that its composition is kept.
                         * @enum {string}
                         */
                        by?: "prompt" | "edit";
                        /** @description Fields of the request that are different from those of the draft; null removes a field. Without `n`, each final is one picture. */
                        changes?: {
                            background?: ("auto" | "opaque" | "transparent") | null;
                            composite?: "outside_mask" | null;
                            frame_count?: number | null;
                            frame_duration_ms?: number | null;
                            input_fidelity?: ("low" | "high") | null;
                            model?: string | null;
                            moderation?: ("auto" | "low") | null;
                            n?: number | null;
                            output_compression?: number | null;
                            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
                            /**
                             * @description What the picture shows.
                             * @example A small boat in morning fog
                             */
                            prompt?: string;
                            provider_options?: {
                                [key: string]: unknown;
                            } | null;
                            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                            safety_identifier?: string | null;
                            size?: string | null;
                            svg?: {
                                model?: string;
                                reasoning?: {
                                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                                } | null;
                            } | null;
                            user?: string | null;
                        };
                        /** @description US dollars. Nothing is made if the estimate is higher, or unknown. */
                        max_cost?: number;
                        /** @description The name of the new batch. */
                        name?: string;
                        /** @enum {string} */
                        priority?: "interactive" | "bulk";
                        /** @description The drafts among the images of the batch: by id, every image of some jobs, those with this rating or more, those with a star, or those in a selection. */
                        select: {
                            images: string[];
                        } | {
                            jobs: string[];
                        } | {
                            rating_min: number;
                        } | {
                            /** @enum {boolean} */
                            starred: true;
                        } | {
                            selection_id: string;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FinalsPreview"];
                    };
                };
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the jobs of a batch */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                    status?: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["ImageJob"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/manifest.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A table of its pictures */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: with a byte order mark, which Excel wants. */
                    bom?: "0" | "1";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A row for each picture. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a batch */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a batch */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry the failed rows */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the rows of a batch by number */
        get: {
            parameters: {
                query?: {
                    /** @description Only rows that failed, expired or were refused with this error code. */
                    code?: string;
                    /** @description The number of the first row. Rows are counted from 1. */
                    from?: number;
                    limit?: number;
                    /** @description Only rows with this text in the prompt or the custom id, in upper or lower case. */
                    q?: string;
                    /** @description Only rows in these states: waiting, queued, in_progress, held, succeeded, failed, cancelled, expired, invalid. Separate them by commas or repeat the parameter. */
                    status?: string | string[];
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BatchRows"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/template.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A CSV file to fill in */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: with a byte order mark, which Excel wants. */
                    bom?: "0" | "1";
                    /** @description `1`: with pictures. */
                    edits?: "0" | "1";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Two rows as an example. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Validate a file without storing anything */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/csv": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/json": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/jsonl": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/octet-stream": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/vnd.ms-excel": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "application/x-ndjson": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "multipart/form-data": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/csv": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/plain": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                    "text/tab-separated-values": components["schemas"]["BatchOfFileInput"] | components["schemas"]["BatchOfTemplateInput"] | components["schemas"]["BatchOfPromptsInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BatchValidation"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk_actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List bulk actions */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["BulkAction"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        /** Change many images */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["BulkActionRequestInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkAction"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk_actions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a bulk action */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkAction"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk_actions/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a stopped or failed bulk action */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkAction"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk_actions/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a bulk action */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkAction"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk_actions/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Restore the images that the action deleted */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkAction"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deliveries */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    endpoint_id?: string;
                    event_id?: string;
                    limit?: number;
                    status?: "pending" | "delivered" | "failed";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["WebhookDelivery"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a delivery and its attempts */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryWithLog"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it again, with a new retry schedule */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryWithLog"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow all events, or list them with Accept: application/json */
        get: {
            parameters: {
                query?: {
                    /** @description The same as `last_event_id`. */
                    after?: string;
                    batch_id?: string;
                    job_id?: string;
                    /** @description Resumes after this event, like `Last-Event-ID`. */
                    last_event_id?: string;
                    /** @description Events per page of JSON. */
                    limit?: number;
                    /** @description A token of `POST /v1/stream_tokens`, for clients that cannot send a key. */
                    stream_token?: string;
                    /** @description Only these types; separate them by commas or repeat the parameter. */
                    type?: string | string[];
                    /** @description Only these types; separate them by commas or repeat the parameter. */
                    types?: string | string[];
                };
                header?: {
                    accept?: string;
                    /** @description Resumes after this event. */
                    "last-event-id"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The events as they happen or, as JSON, a page of stored ones. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["Event"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                        "text/event-stream": string;
                    };
                };
                /** @description Every event has been sent. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List files */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                    order?: "asc" | "desc";
                    purpose?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["File"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        /** Upload a file */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "multipart/form-data": {
                        /** @enum {string} */
                        "expires_after[anchor]"?: "created_at";
                        "expires_after[seconds]"?: number;
                        /**
                         * Format: binary
                         * @description JSONL or CSV for `batch`; png, jpeg or webp for `vision`.
                         */
                        file: string;
                        /** @enum {string} */
                        purpose: "batch" | "vision";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["File"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a file */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["File"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete a file */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            deleted: true;
                            id: string;
                            /** @enum {string} */
                            object: "file";
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a file */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The bytes of the file. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "*/*": string;
                    };
                };
                /** @description The bytes of `Range`. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "*/*": string;
                    };
                };
                /** @description The object store itself serves the bytes there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The caller has these bytes (`If-None-Match`). */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/finals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make finals of images */
        post: {
            parameters: {
                query?: {
                    /** @description `true`: only says what would be made, what it costs and what is wrong. */
                    dry_run?: "true" | "false";
                };
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @description `prompt` (default): the request is made anew. `edit`: the picture of the draft is sent along as the source, so that its composition is kept.
                         * @enum {string}
                         */
                        by?: "prompt" | "edit";
                        /** @description Fields of the request that are different from those of the draft; null removes a field. Without `n`, each final is one picture. */
                        changes?: {
                            background?: ("auto" | "opaque" | "transparent") | null;
                            composite?: "outside_mask" | null;
                            frame_count?: number | null;
                            frame_duration_ms?: number | null;
                            input_fidelity?: ("low" | "high") | null;
                            model?: string | null;
                            moderation?: ("auto" | "low") | null;
                            n?: number | null;
                            output_compression?: number | null;
                            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
                            /**
                             * @description What the picture shows.
                             * @example A small boat in morning fog
                             */
                            prompt?: string;
                            provider_options?: {
                                [key: string]: unknown;
                            } | null;
                            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                            safety_identifier?: string | null;
                            size?: string | null;
                            svg?: {
                                model?: string;
                                reasoning?: {
                                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                                } | null;
                            } | null;
                            user?: string | null;
                        };
                        /** @description US dollars. Nothing is made if the estimate is higher, or unknown. */
                        max_cost?: number;
                        /** @description The name of the new batch. */
                        name?: string;
                        /** @enum {string} */
                        priority?: "interactive" | "bulk";
                        /** @description The drafts: images, every image of some jobs, or a selection. */
                        select: {
                            images: string[];
                        } | {
                            jobs: string[];
                        } | {
                            selection_id: string;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FinalsPreview"];
                    };
                };
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Batch"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List images
         * @description The newest job comes first, and the images of a job in their order. All filters hold together.
         */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    album_id?: string;
                    batch_id?: string;
                    /** @description The `first_id` of the page behind this one: the images in front of it, in the same order. Not together with `after` or `offset`. */
                    before?: string;
                    /** @description Unix seconds: when the job was submitted. */
                    created_after?: number;
                    /** @description Unix seconds: when the job was submitted. */
                    created_before?: number;
                    custom_id?: string;
                    /** @description `true`: made from a draft. */
                    derived?: boolean;
                    /** @description `true`: made by an edit. `false`: by a generation. */
                    edited?: boolean;
                    job_id?: string;
                    limit?: number;
                    max_height?: number;
                    max_width?: number;
                    /** @description Pairs that the metadata of the job has: `metadata[order]=17`. */
                    metadata?: {
                        [key: string]: string;
                    };
                    min_height?: number;
                    min_width?: number;
                    model?: string;
                    /** @description Leave out what is newer than this image, so that offsets and counts stay while others arrive. */
                    newest?: string;
                    /** @description `true`: in no album. */
                    no_album?: boolean;
                    /** @description How many images to skip, after `newest` and `after`. */
                    offset?: number;
                    /** @description Text that the prompt contains. */
                    q?: string;
                    /** @description Exactly this rating, 1 to 5. */
                    rating?: number;
                    /** @description This rating or a better one. */
                    rating_min?: number;
                    /** @description Exactly this size, such as `1024x1536`. */
                    size?: string;
                    starred?: boolean;
                    /** @description `true`: only what is in the trash, which is left out else. */
                    trashed?: boolean;
                    /** @description `true`: without a rating. */
                    unrated?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["Image"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                            /** @description False: images that were not searched may match as well; `last_id` leads to them. */
                            search_complete: boolean;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/{id}/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read everything about an image */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Put an image in the trash, where it can be restored for some days */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Image"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Rate or star an image */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description 1 to 5; null: none. */
                        rating?: number | null;
                        starred?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Image"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/images/{id}/{index}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an image out of the trash */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Image"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count images */
        get: {
            parameters: {
                query?: {
                    album_id?: string;
                    batch_id?: string;
                    /** @description Unix seconds: when the job was submitted. */
                    created_after?: number;
                    /** @description Unix seconds: when the job was submitted. */
                    created_before?: number;
                    custom_id?: string;
                    /** @description `true`: made from a draft. */
                    derived?: boolean;
                    /** @description `true`: made by an edit. `false`: by a generation. */
                    edited?: boolean;
                    job_id?: string;
                    max_height?: number;
                    max_width?: number;
                    /** @description Pairs that the metadata of the job has: `metadata[order]=17`. */
                    metadata?: {
                        [key: string]: string;
                    };
                    min_height?: number;
                    min_width?: number;
                    model?: string;
                    newest?: string;
                    /** @description `true`: in no album. */
                    no_album?: boolean;
                    /** @description Text that the prompt contains. */
                    q?: string;
                    /** @description Exactly this rating, 1 to 5. */
                    rating?: number;
                    /** @description This rating or a better one. */
                    rating_min?: number;
                    /** @description Exactly this size, such as `1024x1536`. */
                    size?: string;
                    starred?: boolean;
                    /** @description `true`: only what is in the trash, which is left out else. */
                    trashed?: boolean;
                    /** @description `true`: without a rating. */
                    unrated?: boolean;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            count: number;
                            /** @description False: only the newest images were searched, because no index has such texts. */
                            is_complete: boolean;
                            /** @enum {string} */
                            object: "image.count";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Edit pictures and wait for the result */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                    prefer?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ImageEditRequestInput"];
                    "multipart/form-data": components["schemas"]["ImageEditRequestInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The pictures or, with `stream`, events until the pictures are there. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Images"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make pictures and wait for them */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                    prefer?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ImageGenerationRequestInput"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The pictures or, with `stream`, events until the pictures are there. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Images"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List jobs */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    batch_id?: string;
                    /** @description Unix seconds */
                    created_after?: number;
                    /** @description Unix seconds */
                    created_before?: number;
                    /** @description What the caller of a batch called its row. */
                    custom_id?: string;
                    /** @description The code of the error that the job has. */
                    error_code?: string;
                    limit?: number;
                    /** @description Pairs that the metadata has: `metadata[order]=17`. */
                    metadata?: {
                        [key: string]: string;
                    };
                    model?: string;
                    /** @description Text the prompt contains. */
                    q?: string;
                    status?: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["ImageJob"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                            /** @description Only with `q` and `metadata`. False: jobs that were not searched may match as well; `last_id` or `status` leads to them. */
                            search_complete?: boolean;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Submit a job */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                    prefer?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        background?: "auto" | "opaque" | "transparent";
                        /**
                         * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                         * @enum {string}
                         */
                        composite?: "outside_mask";
                        /**
                         * @description When the same request was made before in this project. `offer`: answer with what was made, and make nothing; only `POST /v1/jobs` does so. `reuse`: succeed at once with copies of its pictures, at no cost. Default: `KILN_DEDUPE`, or `off`.
                         * @enum {string}
                         */
                        dedupe?: "off" | "offer" | "reuse";
                        /** @description The image that this job finishes, `job_…/0`. The job says so; nothing else follows. */
                        derived_from?: string;
                        /** @description Frames of a gif. Default: 9. */
                        frame_count?: number;
                        /** @description Milliseconds that a gif shows each frame. Default: 200. */
                        frame_duration_ms?: number;
                        /** @description The pictures to edit. They make the job an edit. */
                        images?: {
                            file_id?: string;
                            image_url?: string;
                        }[];
                        /**
                         * @description How closely an edit keeps to its images, for models that take it.
                         * @enum {string}
                         */
                        input_fidelity?: "low" | "high";
                        /** @description A png laid over the first image to guide the edit, for models that take it. Not with a mask. */
                        markup?: {
                            file_id?: string;
                            image_url?: string;
                        };
                        /** @description A png of the size of the first image. The edit changes what is transparent in it. */
                        mask?: {
                            file_id?: string;
                            image_url?: string;
                        };
                        metadata?: {
                            [key: string]: string;
                        };
                        /** @description Default: the model of the first configured deployment. */
                        model?: string;
                        /** @enum {string} */
                        moderation?: "auto" | "low";
                        /** @description Number of pictures. Default: 1. */
                        n?: number;
                        /** @description Per cent. Only with jpeg and webp. */
                        output_compression?: number;
                        /** @enum {string} */
                        output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                        /**
                         * @description `interactive` (default) goes before `bulk`.
                         * @enum {string}
                         */
                        priority?: "interactive" | "bulk";
                        /**
                         * @description What the picture shows.
                         * @example A small boat in morning fog
                         */
                        prompt: string;
                        /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                        provider_options?: {
                            [key: string]: unknown;
                        };
                        /** @enum {string} */
                        quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                        safety_identifier?: string;
                        /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                        size?: string;
                        /**
                         * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                         * @example {
                         *       "model": "gpt-5.6-terra",
                         *       "reasoning": {
                         *         "effort": "low"
                         *       }
                         *     }
                         */
                        svg?: {
                            model?: string;
                            reasoning?: {
                                effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                            } | null;
                        };
                        user?: string;
                        /** @description Default: the final states of the job, and `job.held`. */
                        webhook_events?: ("job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped")[];
                        /** @description Receives events of this job, signed with the secret of `POST /v1/webhook_secret/rotate`. */
                        webhook_url?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"] | components["schemas"]["ImageOffer"];
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
                /** @description To the first picture, for a caller that accepts pictures rather than JSON. */
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a job */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
                /** @description To the first picture, for a caller that accepts pictures rather than JSON. */
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete a job with its pictures; its calls stay in the ledger */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeletedImageJob"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Change the metadata of a job, and when it starts while it waits */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Replaces all of it, at any time. */
                        metadata?: {
                            [key: string]: string;
                        };
                        /**
                         * @description While the job is queued: it becomes interactive and is the next one to start. The last job that was asked for goes first.
                         * @enum {string}
                         */
                        position?: "next";
                        /**
                         * @description While the job is queued. It waits behind its equals then.
                         * @enum {string}
                         */
                        priority?: "interactive" | "bulk";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/jobs/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the provider calls of a job */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["ImageJobAttempt"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a job */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description End the job at once, whatever its worker does, and abort its call. A call that had begun may have been billed: its estimated cost counts as `at_risk` until its outcome is known. */
                        force?: boolean;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow a job */
        get: {
            parameters: {
                query?: {
                    /** @description The same as `last_event_id`. */
                    after?: string;
                    /** @description Resumes after this event, like `Last-Event-ID`. */
                    last_event_id?: string;
                    /** @description A token of `POST /v1/stream_tokens`, for clients that cannot send a key. */
                    stream_token?: string;
                };
                header?: {
                    accept?: string;
                    /** @description Resumes after this event. */
                    "last-event-id"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The events, as they happen. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description Every event has been sent. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/finals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the final of an image of a job */
        post: {
            parameters: {
                query?: {
                    /** @description `true`: only says what would be made, what it costs and what is wrong. */
                    dry_run?: "true" | "false";
                };
                header?: {
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @description `prompt` (default): the request is made anew. `edit`: the picture of the draft is sent along as the source, so that its composition is kept.
                         * @enum {string}
                         */
                        by?: "prompt" | "edit";
                        /** @description Fields of the request that are different from those of the draft; null removes a field. Without `n`, each final is one picture. */
                        changes?: {
                            background?: ("auto" | "opaque" | "transparent") | null;
                            composite?: "outside_mask" | null;
                            frame_count?: number | null;
                            frame_duration_ms?: number | null;
                            input_fidelity?: ("low" | "high") | null;
                            model?: string | null;
                            moderation?: ("auto" | "low") | null;
                            n?: number | null;
                            output_compression?: number | null;
                            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
                            /**
                             * @description What the picture shows.
                             * @example A small boat in morning fog
                             */
                            prompt?: string;
                            provider_options?: {
                                [key: string]: unknown;
                            } | null;
                            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                            safety_identifier?: string | null;
                            size?: string | null;
                            svg?: {
                                model?: string;
                                reasoning?: {
                                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                                } | null;
                            } | null;
                            user?: string | null;
                        };
                        /** @description Which picture of the job is the draft. Default: the first. */
                        index?: number;
                        /** @description US dollars. Nothing is made if the estimate is higher, or unknown. */
                        max_cost?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FinalsPreview"];
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/images/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download an image */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: as an attachment with a file name */
                    download?: string;
                    /** @description A webp whose longer edge is at most 320 pixels, instead of the image */
                    thumbnail?: "1" | "";
                };
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The picture, as the provider sent it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/*": string;
                    };
                };
                /** @description The bytes of `Range`. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/*": string;
                    };
                };
                /** @description The object store itself serves the bytes there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The caller has these bytes (`If-None-Match`). */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/images/{index}/composite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the composite of an edit */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: as an attachment with a file name */
                    download?: string;
                };
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The first image, with the result inside the mask. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/png": string;
                    };
                };
                /** @description The bytes of `Range`. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/png": string;
                    };
                };
                /** @description The object store itself serves the bytes there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The caller has these bytes (`If-None-Match`). */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/partial_images/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a partial image */
        get: {
            parameters: {
                query?: {
                    /** @description The number of the attempt. Default: the last one that sent this partial image. */
                    attempt?: number;
                };
                header?: never;
                path: {
                    id: string;
                    index: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A preview of a call that is streamed; never a result. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/*": string;
                    };
                };
                /** @description The bytes of `Range`. */
                206: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/*": string;
                    };
                };
                /** @description The object store itself serves the bytes there. */
                302: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The caller has these bytes (`If-None-Match`). */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide a held job */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @description `retry`: call again, which may pay for the picture twice. `fail`: give it up.
                         * @enum {string}
                         */
                        action: "retry" | "fail";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Retry a failed or cancelled job */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageJob"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a job without submitting it: problems, cost and start */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        background?: "auto" | "opaque" | "transparent";
                        /**
                         * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                         * @enum {string}
                         */
                        composite?: "outside_mask";
                        /**
                         * @description When the same request was made before in this project. `offer`: answer with what was made, and make nothing; only `POST /v1/jobs` does so. `reuse`: succeed at once with copies of its pictures, at no cost. Default: `KILN_DEDUPE`, or `off`.
                         * @enum {string}
                         */
                        dedupe?: "off" | "offer" | "reuse";
                        /** @description The image that this job finishes, `job_…/0`. The job says so; nothing else follows. */
                        derived_from?: string;
                        /** @description Frames of a gif. Default: 9. */
                        frame_count?: number;
                        /** @description Milliseconds that a gif shows each frame. Default: 200. */
                        frame_duration_ms?: number;
                        /** @description The pictures to edit. They make the job an edit. */
                        images?: {
                            file_id?: string;
                            image_url?: string;
                        }[];
                        /**
                         * @description How closely an edit keeps to its images, for models that take it.
                         * @enum {string}
                         */
                        input_fidelity?: "low" | "high";
                        /** @description A png laid over the first image to guide the edit, for models that take it. Not with a mask. */
                        markup?: {
                            file_id?: string;
                            image_url?: string;
                        };
                        /** @description A png of the size of the first image. The edit changes what is transparent in it. */
                        mask?: {
                            file_id?: string;
                            image_url?: string;
                        };
                        metadata?: {
                            [key: string]: string;
                        };
                        /** @description Default: the model of the first configured deployment. */
                        model?: string;
                        /** @enum {string} */
                        moderation?: "auto" | "low";
                        /** @description Number of pictures. Default: 1. */
                        n?: number;
                        /** @description Per cent. Only with jpeg and webp. */
                        output_compression?: number;
                        /** @enum {string} */
                        output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                        /**
                         * @description `interactive` (default) goes before `bulk`.
                         * @enum {string}
                         */
                        priority?: "interactive" | "bulk";
                        /**
                         * @description What the picture shows.
                         * @example A small boat in morning fog
                         */
                        prompt: string;
                        /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                        provider_options?: {
                            [key: string]: unknown;
                        };
                        /** @enum {string} */
                        quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                        safety_identifier?: string;
                        /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                        size?: string;
                        /**
                         * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                         * @example {
                         *       "model": "gpt-5.6-terra",
                         *       "reasoning": {
                         *         "effort": "low"
                         *       }
                         *     }
                         */
                        svg?: {
                            model?: string;
                            reasoning?: {
                                effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                            } | null;
                        };
                        user?: string;
                        /** @description Default: the final states of the job, and `job.held`. */
                        webhook_events?: ("job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped")[];
                        /** @description Receives events of this job, signed with the secret of `POST /v1/webhook_secret/rotate`. */
                        webhook_url?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["JobValidation"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The model table */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["ImageModel"][];
                            first_id: null;
                            /** @enum {boolean} */
                            has_more: false;
                            last_id: null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A model, by its id or an alias */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    model: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ImageModel"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List quotas with their pace and backlog */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["Pool"][];
                            first_id: null;
                            /** @enum {boolean} */
                            has_more: false;
                            last_id: null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count the calls of a pool, minute by minute */
        get: {
            parameters: {
                query?: {
                    window?: "1h" | "24h";
                };
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PoolActivity"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a pool; its jobs wait */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Pool"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a pool, whatever closed it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Pool"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the jobs that start next */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    /** @description Only the jobs that this pool should start. */
                    pool?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["QueueEntry"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/selections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Select images by a filter, or one by one */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Images that match and are left out. */
                        except?: string[];
                        filter?: {
                            album_id?: string;
                            batch_id?: string;
                            /** @description Unix seconds: when the job was submitted. */
                            created_after?: number;
                            /** @description Unix seconds: when the job was submitted. */
                            created_before?: number;
                            custom_id?: string;
                            /** @description `true`: made from a draft. */
                            derived?: boolean;
                            /** @description `true`: made by an edit. `false`: by a generation. */
                            edited?: boolean;
                            job_id?: string;
                            max_height?: number;
                            max_width?: number;
                            /** @description Pairs that the metadata of the job has: `metadata[order]=17`. */
                            metadata?: {
                                [key: string]: string;
                            };
                            min_height?: number;
                            min_width?: number;
                            model?: string;
                            /** @description `true`: in no album. */
                            no_album?: boolean;
                            /** @description Text that the prompt contains. */
                            q?: string;
                            /** @description Exactly this rating, 1 to 5. */
                            rating?: number;
                            /** @description This rating or a better one. */
                            rating_min?: number;
                            /** @description Exactly this size, such as `1024x1536`. */
                            size?: string;
                            starred?: boolean;
                            /** @description `true`: only what is in the trash, which is left out else. */
                            trashed?: boolean;
                            /** @description `true`: without a rating. */
                            unrated?: boolean;
                        };
                        /** @description The images, instead of a filter. */
                        images?: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Selection"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/selections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a selection */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Selection"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/selections/{id}/archive.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pictures of a selection and a table of them, as ZIP */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description The archive. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/selections/{id}/manifest.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A table of the images of a selection */
        get: {
            parameters: {
                query?: {
                    /** @description `1`: with a byte order mark, which Excel wants. */
                    bom?: "0" | "1";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description A row for each image. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/csv": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask whether this browser is signed in */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
            };
        };
        put?: never;
        /** Sign in: trade a key for a cookie */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description A key of `KILN_API_KEYS`. */
                        key: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
            };
        };
        /** Sign out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a token to open one event stream with */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The path of the stream, without a query. */
                        stream: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["StreamToken"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List endpoints */
        get: {
            parameters: {
                query?: {
                    /** @description The `last_id` of the previous page. */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            data: components["schemas"]["WebhookEndpoint"][];
                            first_id: string | null;
                            has_more: boolean;
                            last_id: string | null;
                            /** @enum {string} */
                            object: "list";
                        };
                    };
                };
            };
        };
        put?: never;
        /** Create an endpoint; only this response has the secret */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        description?: string;
                        /** @description Default: all but `batch.progress`, `job.partial_image`, `job.updated`, `batch.updated`. */
                        events?: ("job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped" | "batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "pool.blocked" | "pool.resumed" | "model.paused" | "model.resumed" | "webhook_endpoint.disabled")[];
                        /**
                         * @description https, to a public address.
                         * @example https://example.com/kiln
                         */
                        url: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an endpoint */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookEndpoint"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete an endpoint */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            deleted: true;
                            id: string;
                            /** @enum {string} */
                            object: "webhook_endpoint";
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /** Change an endpoint, disable or enable it */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        description?: string | null;
                        events?: ("job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped" | "batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "pool.blocked" | "pool.resumed" | "model.paused" | "model.resumed" | "webhook_endpoint.disabled")[];
                        /** @enum {string} */
                        status?: "enabled" | "disabled";
                        url?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookEndpoint"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send again the deliveries that failed since a time */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Unix seconds. Failed deliveries created since then are sent again. */
                        since: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description The number of deliveries that are sent again. */
                            count: number;
                            /** @enum {string} */
                            object: "webhook_endpoint.redelivery";
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Rotate the secret, shown once; the old one signs for another 24 hours */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test event */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookDeliveryWithLog"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read when the secret for webhooks of jobs and batches was made */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookSecret"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook_secret/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make or rotate the secret for webhooks of jobs and batches; shown once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WebhookSecretShown"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Album: {
            /** @description Its images, without those in the trash. */
            count: number;
            /** @description The image that was chosen, or else the newest one; null: there is none. */
            cover: string | null;
            cover_image: {
                height: number;
                id: string;
                thumbhash: string | null;
                thumbnail_url: string | null;
                url: string;
                width: number;
            } | null;
            /** @description Unix seconds */
            created_at: number;
            id: string;
            name: string;
            /** @constant */
            object: "album";
            /** @description Unix seconds */
            updated_at: number;
        };
        AlbumInput: {
            /** @description Its images, without those in the trash. */
            count: number;
            /** @description The image that was chosen, or else the newest one; null: there is none. */
            cover: string | null;
            cover_image: {
                height: number;
                id: string;
                thumbhash: string | null;
                thumbnail_url: string | null;
                url: string;
                width: number;
            } | null;
            /** @description Unix seconds */
            created_at: number;
            id: string;
            name: string;
            /** @constant */
            object: "album";
            /** @description Unix seconds */
            updated_at: number;
        };
        Batch: {
            as_drafts: boolean;
            cancelled_at: number | null;
            cancelling_at: number | null;
            completed_at: number | null;
            completion_window: string;
            cost: {
                /** @description US dollars */
                actual: number;
                /** @description US dollars */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            created_at: number;
            /** @enum {string} */
            dedupe: "off" | "offer" | "reuse";
            endpoint: string;
            error_file_id: string | null;
            /** @description Why the file was refused, or which rows were skipped: the first 1,000 problems; in lists the first ten. */
            errors: {
                data: {
                    code: string;
                    /** @description The number of the row in a CSV file, or of the line in a JSONL file. */
                    line: number | null;
                    message: string;
                    /** @description The column or field with the problem. */
                    param: string | null;
                }[];
                /** @constant */
                object: "list";
                total: number;
            } | null;
            /** @description Seconds until the last job should be done, at its pools' pace. */
            eta_seconds: number | null;
            expired_at: number | null;
            expires_at: number | null;
            failed_at: number | null;
            finalizing_at: number | null;
            /** @description When the last row should be done: by the pace of the quota and by that of the last five minutes, with how long calls take. Null while it is paused or does not run. */
            finishes_at: {
                earliest: number;
                latest: number;
            } | null;
            id: string;
            in_progress_at: number | null;
            input_file_id: string;
            metadata: {
                [key: string]: string;
            } | null;
            name: string | null;
            /** @constant */
            object: "batch";
            /** @enum {string} */
            on_invalid_rows: "fail" | "skip";
            output_file_id: string | null;
            paused_at: number | null;
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description How Kiln read the file; null until it has. */
            reading: {
                /** @description Every column with a name, and the field it sets; null: it becomes metadata; `dropped`. */
                columns: {
                    means: string | null;
                    name: string;
                }[];
                delimiter: string | null;
                encoding: string;
                /** @enum {string} */
                format: "csv" | "jsonl";
                /** @description What was forgiven in the file, and how it was understood instead. */
                notes?: {
                    code: string;
                    column: string | null;
                    /** @description The number of cases. */
                    count: number;
                    message: string;
                    /** @description The first row that the note is about. */
                    row: number | null;
                }[];
            } | null;
            request_counts: {
                cancelled: number;
                completed: number;
                /** @description Rows that failed, expired or were invalid. */
                failed: number;
                /** @description Rows whose job has not finished. */
                in_queue: number;
                total: number;
            };
            /** @description Rows that got their pictures, a minute, in the last five minutes; null with fewer than 5. */
            rows_per_minute: number | null;
            /** @description Whether its waiting rows go before the other jobs of their priority. */
            runs_next: boolean;
            /** @enum {string} */
            status: "validating" | "failed" | "in_progress" | "finalizing" | "completed" | "expired" | "cancelling" | "cancelled";
            usage: {
                input_tokens: number;
                input_tokens_details: {
                    cached_tokens: number;
                };
                output_tokens: number;
                output_tokens_details: {
                    reasoning_tokens: number;
                };
                total_tokens: number;
            } | null;
            webhook_events: string[] | null;
            webhook_url: string | null;
        };
        BatchInput: {
            as_drafts: boolean;
            cancelled_at: number | null;
            cancelling_at: number | null;
            completed_at: number | null;
            completion_window: string;
            cost: {
                /** @description US dollars */
                actual: number;
                /** @description US dollars */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            created_at: number;
            /** @enum {string} */
            dedupe: "off" | "offer" | "reuse";
            endpoint: string;
            error_file_id: string | null;
            /** @description Why the file was refused, or which rows were skipped: the first 1,000 problems; in lists the first ten. */
            errors: {
                data: {
                    code: string;
                    /** @description The number of the row in a CSV file, or of the line in a JSONL file. */
                    line: number | null;
                    message: string;
                    /** @description The column or field with the problem. */
                    param: string | null;
                }[];
                /** @constant */
                object: "list";
                total: number;
            } | null;
            /** @description Seconds until the last job should be done, at its pools' pace. */
            eta_seconds: number | null;
            expired_at: number | null;
            expires_at: number | null;
            failed_at: number | null;
            finalizing_at: number | null;
            /** @description When the last row should be done: by the pace of the quota and by that of the last five minutes, with how long calls take. Null while it is paused or does not run. */
            finishes_at: {
                earliest: number;
                latest: number;
            } | null;
            id: string;
            in_progress_at: number | null;
            input_file_id: string;
            metadata: {
                [key: string]: string;
            } | null;
            name: string | null;
            /** @constant */
            object: "batch";
            /** @enum {string} */
            on_invalid_rows: "fail" | "skip";
            output_file_id: string | null;
            paused_at: number | null;
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description How Kiln read the file; null until it has. */
            reading: {
                /** @description Every column with a name, and the field it sets; null: it becomes metadata; `dropped`. */
                columns: {
                    means: string | null;
                    name: string;
                }[];
                delimiter: string | null;
                encoding: string;
                /** @enum {string} */
                format: "csv" | "jsonl";
                /** @description What was forgiven in the file, and how it was understood instead. */
                notes?: {
                    code: string;
                    column: string | null;
                    /** @description The number of cases. */
                    count: number;
                    message: string;
                    /** @description The first row that the note is about. */
                    row: number | null;
                }[];
            } | null;
            request_counts: {
                cancelled: number;
                completed: number;
                /** @description Rows that failed, expired or were invalid. */
                failed: number;
                /** @description Rows whose job has not finished. */
                in_queue: number;
                total: number;
            };
            /** @description Rows that got their pictures, a minute, in the last five minutes; null with fewer than 5. */
            rows_per_minute: number | null;
            /** @description Whether its waiting rows go before the other jobs of their priority. */
            runs_next: boolean;
            /** @enum {string} */
            status: "validating" | "failed" | "in_progress" | "finalizing" | "completed" | "expired" | "cancelling" | "cancelled";
            usage: {
                input_tokens: number;
                input_tokens_details: {
                    cached_tokens: number;
                };
                output_tokens: number;
                output_tokens_details: {
                    reasoning_tokens: number;
                };
                total_tokens: number;
            } | null;
            webhook_events: string[] | null;
            webhook_url: string | null;
        };
        BatchOfFile: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description What columns of a CSV file mean, by their names: a field (`validate` lists them), `metadata`, or null to drop the column. */
            column_map?: {
                [key: string]: string | null;
            };
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @enum {string} */
            delimiter?: "," | ";" | "\t";
            /** @description The encoding of the file, by any of its labels, such as utf-8, utf-16le, windows-1252, windows-1250, windows-1251, shift_jis, euc-jp, iso-2022-jp, gb18030, big5, euc-kr, koi8-r, iso-8859-2, iso-8859-15, macintosh. */
            encoding?: string;
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            input_file_id: string;
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: unknown;
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchOfFileInput: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description What columns of a CSV file mean, by their names: a field (`validate` lists them), `metadata`, or null to drop the column. */
            column_map?: {
                [key: string]: string | null;
            };
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @enum {string} */
            delimiter?: "," | ";" | "\t";
            /** @description The encoding of the file, by any of its labels, such as utf-8, utf-16le, windows-1252, windows-1250, windows-1251, shift_jis, euc-jp, iso-2022-jp, gb18030, big5, euc-kr, koi8-r, iso-8859-2, iso-8859-15, macintosh. */
            encoding?: string;
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            input_file_id: string;
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: ("batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped")[];
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchOfPrompts: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /** @description A row for each prompt, sent as it is: `{{` has no meaning in it. */
            prompts: string[];
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: unknown;
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchOfPromptsInput: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /** @description A row for each prompt, sent as it is: `{{` has no meaning in it. */
            prompts: string[];
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: ("batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped")[];
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchOfTemplate: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description What columns of a CSV file mean, by their names: a field (`validate` lists them), `metadata`, or null to drop the column. */
            column_map?: {
                [key: string]: string | null;
            };
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            /** @description Instead of `values`: a list of values for each variable. Every combination is a row, and the last variable changes fastest. */
            matrix?: {
                [key: string]: (string | number | boolean | null)[];
            };
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description A prompt with `{{variables}}`. `{{{{` stands for `{{`. Each row fills it with its values. */
            template: string;
            /** @description The rows: an object each, with a value for every variable. Other names are columns as in a CSV file: fields of a job such as `size`, otherwise metadata. */
            values?: {
                [key: string]: string | number | boolean | null;
            }[];
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: unknown;
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchOfTemplateInput: {
            /** @description Makes each row with the cheapest model and quality that are served and take everything else that the row asks for, whatever model and quality it names. */
            as_drafts?: boolean;
            /** @description What columns of a CSV file mean, by their names: a field (`validate` lists them), `metadata`, or null to drop the column. */
            column_map?: {
                [key: string]: string | null;
            };
            /** @description Accepted and reported back. Only `deadline` expires a batch. */
            completion_window?: string;
            /** @description Unix seconds. Rows that have not started by then expire. */
            deadline?: number;
            /**
             * @description `reuse`: rows whose request was made before in this project get copies of those pictures, without a call and at no cost. `offer`: a dry run counts them. Default: `KILN_DEDUPE`, or `off`.
             * @enum {string}
             */
            dedupe?: "off" | "offer" | "reuse";
            defaults?: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                metadata?: {
                    [key: string]: string;
                };
                /** @description Default: the model of the first configured deployment. */
                model?: string;
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Merged into the provider's request: for parameters newer than the model table. At most 65,536 bytes; no field that Kiln knows itself. Lists leave it out. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                /**
                 * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
                 * @enum {string}
                 */
                response_format?: "url" | "b64_json";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /**
             * @description Default: /v1/images/generations. A CSV row with an image is an edit in any case.
             * @enum {string}
             */
            endpoint?: "/v1/images/generations" | "/v1/images/edits";
            /** @description Instead of `values`: a list of values for each variable. Every combination is a row, and the last variable changes fastest. */
            matrix?: {
                [key: string]: (string | number | boolean | null)[];
            };
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description What people call the batch. */
            name?: string;
            /** @enum {string} */
            on_invalid_rows?: "fail" | "skip";
            output_expires_after?: {
                /** @constant */
                anchor: "created_at";
                seconds: number;
            };
            /**
             * @description `bulk` (default) or `interactive`.
             * @enum {string}
             */
            priority?: "interactive" | "bulk";
            /**
             * @description How the output file holds pictures: as `b64_json` (default for JSONL) or as a `url` (default for CSV). A line of JSONL may say so itself.
             * @enum {string}
             */
            response_format?: "url" | "b64_json";
            /** @description A prompt with `{{variables}}`. `{{{{` stands for `{{`. Each row fills it with its values. */
            template: string;
            /** @description The rows: an object each, with a value for every variable. Other names are columns as in a CSV file: fields of a job such as `size`, otherwise metadata. */
            values?: {
                [key: string]: string | number | boolean | null;
            }[];
            /** @description Event types of the batch and its jobs. Default: the final states of the batch. */
            webhook_events?: ("batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped")[];
            /** @description Receives events of this batch, signed with the secret of `POST /v1/webhook_secret/rotate`. */
            webhook_url?: string;
        };
        BatchRow: {
            cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            custom_id: string | null;
            /** @description Why the row has no picture: the error of its job, or its first problem in the file with the messages of all. */
            error: {
                code: string;
                message: string;
                param: string | null;
            } | null;
            /** @description Unix seconds */
            finished_at: number | null;
            images: {
                bytes: number;
                /** @description The first image of an edit, laid back outside the mask. Made right after the picture, if the request has `composite`. */
                composite: {
                    bytes: number;
                    /** @constant */
                    format: "png";
                    height: number;
                    sha256: string;
                    url: string;
                    width: number;
                } | null;
                /** @description Why the request has `composite` and this image none. While it is being made, both are null. */
                composite_skipped: {
                    code: string;
                    message: string;
                } | null;
                format: string;
                height: number;
                index: number;
                provenance: {
                    /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                    c2pa: boolean | null;
                };
                /** @description 1 to 5; null: none. */
                rating: number | null;
                sha256: string;
                starred: boolean;
                /** @description A ThumbHash in base64: a few bytes to show, blurred, until the picture arrives. Made right after the picture; null until then, for gif and svg, and where it cannot be made. */
                thumbhash: string | null;
                /** @description A webp of at most 320 pixels; null for gif and svg. */
                thumbnail_url: string | null;
                /** @description Unix seconds. It is in the trash, and is deleted some days later. */
                trashed_at: number | null;
                url: string;
                width: number;
            }[];
            /** @description Null while the row has no job, and when its job was deleted. */
            job_id: string | null;
            /** @constant */
            object: "batch.row";
            /** @description Its first 500 characters; null for a row without a job. */
            prompt: string | null;
            /** @description The number of the row in the file, from 1. */
            row: number;
            /** @description Unix seconds */
            started_at: number | null;
            /**
             * @description `waiting`: no worker has read the row yet. `invalid`: the row was refused and is no job. Otherwise the state of its job; an unread row of a cancelled batch is `cancelled`.
             * @enum {string}
             */
            status: "waiting" | "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired" | "invalid";
        };
        BatchRowInput: {
            cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            custom_id: string | null;
            /** @description Why the row has no picture: the error of its job, or its first problem in the file with the messages of all. */
            error: {
                code: string;
                message: string;
                param: string | null;
            } | null;
            /** @description Unix seconds */
            finished_at: number | null;
            images: {
                bytes: number;
                /** @description The first image of an edit, laid back outside the mask. Made right after the picture, if the request has `composite`. */
                composite: {
                    bytes: number;
                    /** @constant */
                    format: "png";
                    height: number;
                    sha256: string;
                    url: string;
                    width: number;
                } | null;
                /** @description Why the request has `composite` and this image none. While it is being made, both are null. */
                composite_skipped: {
                    code: string;
                    message: string;
                } | null;
                format: string;
                height: number;
                index: number;
                provenance: {
                    /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                    c2pa: boolean | null;
                };
                /** @description 1 to 5; null: none. */
                rating: number | null;
                sha256: string;
                starred: boolean;
                /** @description A ThumbHash in base64: a few bytes to show, blurred, until the picture arrives. Made right after the picture; null until then, for gif and svg, and where it cannot be made. */
                thumbhash: string | null;
                /** @description A webp of at most 320 pixels; null for gif and svg. */
                thumbnail_url: string | null;
                /** @description Unix seconds. It is in the trash, and is deleted some days later. */
                trashed_at: number | null;
                url: string;
                width: number;
            }[];
            /** @description Null while the row has no job, and when its job was deleted. */
            job_id: string | null;
            /** @constant */
            object: "batch.row";
            /** @description Its first 500 characters; null for a row without a job. */
            prompt: string | null;
            /** @description The number of the row in the file, from 1. */
            row: number;
            /** @description Unix seconds */
            started_at: number | null;
            /**
             * @description `waiting`: no worker has read the row yet. `invalid`: the row was refused and is no job. Otherwise the state of its job; an unread row of a cancelled batch is `cancelled`.
             * @enum {string}
             */
            status: "waiting" | "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired" | "invalid";
        };
        BatchRows: {
            counts: {
                /** @description The rows that failed, expired or were refused, by error code, the most frequent first: at most 50 codes. In a large batch they may be a few seconds old. */
                codes: {
                    code: string;
                    count: number;
                }[];
                /** @description The rows of the whole batch in each state. */
                status: {
                    cancelled: number;
                    expired: number;
                    failed: number;
                    held: number;
                    in_progress: number;
                    invalid: number;
                    queued: number;
                    succeeded: number;
                    waiting: number;
                };
            };
            data: components["schemas"]["BatchRow"][];
            has_more: boolean;
            /** @description The number of the last row. Empty rows have numbers and are not listed. */
            last_row: number | null;
            /** @description The rows that the filters match; null where counting them would be slow. */
            matched: number | null;
            /** @description `from` of the next page; null after the last. A page of a search may be short or empty although others follow. */
            next_from: number | null;
            /** @constant */
            object: "list";
            /** @description The rows of the file that are not empty; null until Kiln has read it, and when it refused the file. */
            total: number | null;
        };
        BatchRowsInput: {
            counts: {
                /** @description The rows that failed, expired or were refused, by error code, the most frequent first: at most 50 codes. In a large batch they may be a few seconds old. */
                codes: {
                    code: string;
                    count: number;
                }[];
                /** @description The rows of the whole batch in each state. */
                status: {
                    cancelled: number;
                    expired: number;
                    failed: number;
                    held: number;
                    in_progress: number;
                    invalid: number;
                    queued: number;
                    succeeded: number;
                    waiting: number;
                };
            };
            data: components["schemas"]["BatchRowInput"][];
            has_more: boolean;
            /** @description The number of the last row. Empty rows have numbers and are not listed. */
            last_row: number | null;
            /** @description The rows that the filters match; null where counting them would be slow. */
            matched: number | null;
            /** @description `from` of the next page; null after the last. A page of a search may be short or empty although others follow. */
            next_from: number | null;
            /** @constant */
            object: "list";
            /** @description The rows of the file that are not empty; null until Kiln has read it, and when it refused the file. */
            total: number | null;
        };
        BatchValidation: {
            /** @description Whether a batch of this file with these options would run. */
            accepted: boolean;
            /** @description With `as_drafts`: the models and qualities that were chosen, and the estimates of both ways. Null without. */
            as_drafts: {
                as_written: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                models: string[];
                qualities: string[];
            } | null;
            /** @description Every column with a name, and the field it sets; null: it becomes metadata; `dropped`. */
            columns: {
                means: string | null;
                name: string;
            }[];
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            delimiter: string | null;
            /** @description Rows that would pay for the same request again. They are accepted. */
            duplicates: {
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                /** @description Valid rows that repeat the request of an earlier row. */
                count: number;
                /** @description The first 100 of them, each with the row that it repeats. */
                rows: {
                    row: number;
                    same_as: number;
                }[];
            };
            /** @description Seconds until the last row should be done, at the current pace and behind the jobs that wait now; null when no job would start by itself. */
            duration_seconds: number | null;
            encoding: string | null;
            /** @description What `column_map` can map a column to, `metadata` among them. */
            fields: string[];
            invalid: number;
            /** @description Rows that `dedupe` `reuse` would not pay for; their cost is part of `cost`. Null with `off`. */
            made_before: {
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                /** @description Valid rows whose request was made before in this project. */
                count: number;
            } | null;
            /** @description What was forgiven in the file, and how it was understood instead. */
            notes: {
                code: string;
                column: string | null;
                /** @description The number of cases. */
                count: number;
                message: string;
                /** @description The first row that the note is about. */
                row: number | null;
            }[];
            /** @constant */
            object: "batch.validation";
            pictures: {
                /** @description Those that a row names. */
                matched: number;
                /** @description The first 100 names in rows for which no picture came. */
                missing: string[];
                /** @description Pictures that came with the request. */
                received: number;
                /** @description The first 100 names that no row has. */
                unmatched: string[];
            };
            /** @description The first 1,000 problems. */
            problems: {
                code: string;
                column: string | null;
                message: string;
                row: number | null;
                value: string | null;
            }[];
            problems_total: number;
            rows: number;
            /** @description The first 10 valid rows, as Kiln would send them. */
            sample: {
                custom_id: string | null;
                metadata: {
                    [key: string]: string;
                };
                model: string;
                /** @description The pictures that were found by the names in the row. */
                pictures: {
                    /** @enum {string} */
                    field: "images" | "mask" | "markup";
                    format: string;
                    height: number;
                    name: string;
                    width: number;
                }[];
                request: {
                    [key: string]: unknown;
                };
                row: number;
            }[];
            valid: number;
        };
        BatchValidationInput: {
            /** @description Whether a batch of this file with these options would run. */
            accepted: boolean;
            /** @description With `as_drafts`: the models and qualities that were chosen, and the estimates of both ways. Null without. */
            as_drafts: {
                as_written: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                models: string[];
                qualities: string[];
            } | null;
            /** @description Every column with a name, and the field it sets; null: it becomes metadata; `dropped`. */
            columns: {
                means: string | null;
                name: string;
            }[];
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            delimiter: string | null;
            /** @description Rows that would pay for the same request again. They are accepted. */
            duplicates: {
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                /** @description Valid rows that repeat the request of an earlier row. */
                count: number;
                /** @description The first 100 of them, each with the row that it repeats. */
                rows: {
                    row: number;
                    same_as: number;
                }[];
            };
            /** @description Seconds until the last row should be done, at the current pace and behind the jobs that wait now; null when no job would start by itself. */
            duration_seconds: number | null;
            encoding: string | null;
            /** @description What `column_map` can map a column to, `metadata` among them. */
            fields: string[];
            invalid: number;
            /** @description Rows that `dedupe` `reuse` would not pay for; their cost is part of `cost`. Null with `off`. */
            made_before: {
                cost: {
                    /** @constant */
                    currency: "usd";
                    /** @description US dollars */
                    estimated: number;
                };
                /** @description Valid rows whose request was made before in this project. */
                count: number;
            } | null;
            /** @description What was forgiven in the file, and how it was understood instead. */
            notes: {
                code: string;
                column: string | null;
                /** @description The number of cases. */
                count: number;
                message: string;
                /** @description The first row that the note is about. */
                row: number | null;
            }[];
            /** @constant */
            object: "batch.validation";
            pictures: {
                /** @description Those that a row names. */
                matched: number;
                /** @description The first 100 names in rows for which no picture came. */
                missing: string[];
                /** @description Pictures that came with the request. */
                received: number;
                /** @description The first 100 names that no row has. */
                unmatched: string[];
            };
            /** @description The first 1,000 problems. */
            problems: {
                code: string;
                column: string | null;
                message: string;
                row: number | null;
                value: string | null;
            }[];
            problems_total: number;
            rows: number;
            /** @description The first 10 valid rows, as Kiln would send them. */
            sample: {
                custom_id: string | null;
                metadata: {
                    [key: string]: string;
                };
                model: string;
                /** @description The pictures that were found by the names in the row. */
                pictures: {
                    /** @enum {string} */
                    field: "images" | "mask" | "markup";
                    format: string;
                    height: number;
                    name: string;
                    width: number;
                }[];
                request: {
                    [key: string]: unknown;
                };
                row: number;
            }[];
            valid: number;
        };
        BulkAction: {
            /** @enum {string} */
            action: "rate" | "star" | "add_to_album" | "remove_from_album" | "trash" | "restore" | "again";
            /** @description Unix seconds */
            created_at: number;
            /** @description How many images were changed. */
            done: number;
            /** @description Why the action failed. */
            error: {
                code: string;
                message: string;
            } | null;
            /** @description How many images could not be changed. */
            failed: number;
            /** @description The first hundred failures. */
            failures: {
                /** @enum {string} */
                code: "image_not_found" | "image_in_trash";
                /** @description The id of the image. */
                id: string;
                message: string;
            }[];
            finished_at: number | null;
            id: string;
            /** @constant */
            object: "bulk_action";
            params: {
                /** @description For `add_to_album` and `remove_from_album`. */
                album_id?: string;
                /** @description For `again`. US dollars: nothing is made when the new batch is estimated to cost more. */
                max_cost?: number;
                /** @description For `rate`. Null removes the rating. */
                rating?: number | null;
                /** @description For `star`. */
                starred?: boolean;
                /** @description The action `trash` whose images this action restores. */
                undo_of?: string;
            };
            result: {
                /** @description The batch that `again` has made. */
                batch_id: string;
            } | null;
            selection_id: string | null;
            started_at: number | null;
            /** @enum {string} */
            status: "queued" | "running" | "stopped" | "completed" | "failed";
            /** @description How many images the action is for: those of the selection when it was made. */
            total: number;
        };
        BulkActionInput: {
            /** @enum {string} */
            action: "rate" | "star" | "add_to_album" | "remove_from_album" | "trash" | "restore" | "again";
            /** @description Unix seconds */
            created_at: number;
            /** @description How many images were changed. */
            done: number;
            /** @description Why the action failed. */
            error: {
                code: string;
                message: string;
            } | null;
            /** @description How many images could not be changed. */
            failed: number;
            /** @description The first hundred failures. */
            failures: {
                /** @enum {string} */
                code: "image_not_found" | "image_in_trash";
                /** @description The id of the image. */
                id: string;
                message: string;
            }[];
            finished_at: number | null;
            id: string;
            /** @constant */
            object: "bulk_action";
            params: {
                /** @description For `add_to_album` and `remove_from_album`. */
                album_id?: string;
                /** @description For `again`. US dollars: nothing is made when the new batch is estimated to cost more. */
                max_cost?: number;
                /** @description For `rate`. Null removes the rating. */
                rating?: number | null;
                /** @description For `star`. */
                starred?: boolean;
                /** @description The action `trash` whose images this action restores. */
                undo_of?: string;
            };
            result: {
                /** @description The batch that `again` has made. */
                batch_id: string;
            } | null;
            selection_id: string | null;
            started_at: number | null;
            /** @enum {string} */
            status: "queued" | "running" | "stopped" | "completed" | "failed";
            /** @description How many images the action is for: those of the selection when it was made. */
            total: number;
        };
        BulkActionRequest: {
            /**
             * @description `again` makes a new batch with the requests that made the images.
             * @enum {string}
             */
            action: "rate" | "star" | "add_to_album" | "remove_from_album" | "trash" | "restore" | "again";
            /** @description Ids of images, such as `job_…/0`, instead of a selection. */
            images?: string[];
            /** @default {} */
            params: {
                /** @description For `add_to_album` and `remove_from_album`. */
                album_id?: string;
                /** @description For `again`. US dollars: nothing is made when the new batch is estimated to cost more. */
                max_cost?: number;
                /** @description For `rate`. Null removes the rating. */
                rating?: number | null;
                /** @description For `star`. */
                starred?: boolean;
            };
            /** @description From `POST /v1/selections`. */
            selection_id?: string;
        };
        BulkActionRequestInput: {
            /**
             * @description `again` makes a new batch with the requests that made the images.
             * @enum {string}
             */
            action: "rate" | "star" | "add_to_album" | "remove_from_album" | "trash" | "restore" | "again";
            /** @description Ids of images, such as `job_…/0`, instead of a selection. */
            images?: string[];
            /** @default {} */
            params: {
                /** @description For `add_to_album` and `remove_from_album`. */
                album_id?: string;
                /** @description For `again`. US dollars: nothing is made when the new batch is estimated to cost more. */
                max_cost?: number;
                /** @description For `rate`. Null removes the rating. */
                rating?: number | null;
                /** @description For `star`. */
                starred?: boolean;
            };
            /** @description From `POST /v1/selections`. */
            selection_id?: string;
        };
        DeletedImageJob: {
            /** @constant */
            deleted: true;
            id: string;
            /** @constant */
            object: "image.job";
        };
        DeletedImageJobInput: {
            /** @constant */
            deleted: true;
            id: string;
            /** @constant */
            object: "image.job";
        };
        Error: {
            error: {
                code: string;
                message: string;
                param: string | null;
                type: string;
            };
        };
        ErrorInput: {
            error: {
                code: string;
                message: string;
                param: string | null;
                type: string;
            };
        };
        Event: {
            /** @description Unix seconds */
            created_at: number;
            data: {
                /** @description The id of the job, batch or webhook endpoint, or the name of the pool or model. */
                id: string;
            } & {
                [key: string]: unknown;
            };
            id: string;
            /** @constant */
            object: "event";
            /** @enum {string} */
            type: "job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped" | "batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "pool.blocked" | "pool.resumed" | "model.paused" | "model.resumed" | "webhook_endpoint.disabled";
        };
        EventInput: {
            /** @description Unix seconds */
            created_at: number;
            data: {
                /** @description The id of the job, batch or webhook endpoint, or the name of the pool or model. */
                id: string;
            } & {
                [key: string]: unknown;
            };
            id: string;
            /** @constant */
            object: "event";
            /** @enum {string} */
            type: "job.created" | "job.started" | "job.partial_image" | "job.updated" | "job.retrying" | "job.held" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired" | "job.deleted" | "job.composite_made" | "job.composite_skipped" | "batch.in_progress" | "batch.progress" | "batch.updated" | "batch.completed" | "batch.failed" | "batch.expired" | "batch.cancelled" | "pool.blocked" | "pool.resumed" | "model.paused" | "model.resumed" | "webhook_endpoint.disabled";
        };
        File: {
            bytes: number;
            /** @description Unix seconds */
            created_at: number;
            /** @description Unix seconds. The file is deleted within an hour after this time. Absent: it is kept. */
            expires_at?: number;
            filename: string;
            id: string;
            /** @constant */
            object: "file";
            /** @description What the file shows, when its purpose is `vision`. */
            picture?: {
                /** @enum {string} */
                format: "png" | "jpeg" | "webp";
                /** @description Whether it has an alpha channel. A palette colour that stands for transparency is not one. */
                has_alpha: boolean;
                height: number;
                /** @description Whether every pixel is fully opaque. */
                is_opaque: boolean;
                /** @description The EXIF orientation of a picture that is stored turned or mirrored. */
                orientation?: number;
                /** @description Pixels as displayed, after the EXIF orientation. */
                width: number;
            };
            /** @enum {string} */
            purpose: "batch" | "vision" | "batch_output";
            /**
             * @description Always `processed`: a file can be used as soon as it exists.
             * @constant
             */
            status: "processed";
        };
        FileInput: {
            bytes: number;
            /** @description Unix seconds */
            created_at: number;
            /** @description Unix seconds. The file is deleted within an hour after this time. Absent: it is kept. */
            expires_at?: number;
            filename: string;
            id: string;
            /** @constant */
            object: "file";
            /** @description What the file shows, when its purpose is `vision`. */
            picture?: {
                /** @enum {string} */
                format: "png" | "jpeg" | "webp";
                /** @description Whether it has an alpha channel. A palette colour that stands for transparency is not one. */
                has_alpha: boolean;
                height: number;
                /** @description Whether every pixel is fully opaque. */
                is_opaque: boolean;
                /** @description The EXIF orientation of a picture that is stored turned or mirrored. */
                orientation?: number;
                /** @description Pixels as displayed, after the EXIF orientation. */
                width: number;
            };
            /** @enum {string} */
            purpose: "batch" | "vision" | "batch_output";
            /**
             * @description Always `processed`: a file can be used as soon as it exists.
             * @constant
             */
            status: "processed";
        };
        FinalsPreview: {
            /** @description The estimate if every row of that batch had been made this way from the start; null without a batch. */
            all_rows_cost: number | null;
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            /** @description What the batch of the drafts has cost; null without a batch. */
            drafts_cost: number | null;
            /** @constant */
            object: "finals.preview";
            /** @description Why finals cannot be made: the first 100 problems. */
            problems: {
                code: string;
                /** @description The draft. */
                image: string;
                message: string;
                param: string | null;
            }[];
            problems_total: number;
            /** @description The finals that would be made: one for each draft. */
            rows: number;
            /** @description `all_rows_cost` without `drafts_cost` and without `cost.estimated`. */
            saving: number | null;
        };
        FinalsPreviewInput: {
            /** @description The estimate if every row of that batch had been made this way from the start; null without a batch. */
            all_rows_cost: number | null;
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                /** @description US dollars */
                estimated: number;
            };
            /** @description What the batch of the drafts has cost; null without a batch. */
            drafts_cost: number | null;
            /** @constant */
            object: "finals.preview";
            /** @description Why finals cannot be made: the first 100 problems. */
            problems: {
                code: string;
                /** @description The draft. */
                image: string;
                message: string;
                param: string | null;
            }[];
            problems_total: number;
            /** @description The finals that would be made: one for each draft. */
            rows: number;
            /** @description `all_rows_cost` without `drafts_cost` and without `cost.estimated`. */
            saving: number | null;
        };
        Image: {
            albums: string[];
            batch_id: string | null;
            bytes: number;
            /** @description Its share of what its job cost, in US dollars. */
            cost: {
                actual: number | null;
                /** @constant */
                currency: "usd";
            };
            /** @description Unix seconds: when its job was submitted. */
            created_at: number;
            custom_id: string | null;
            /** @description It was made from a draft. */
            derived: boolean;
            edited: boolean;
            format: string;
            height: number;
            /** @description The job and the index of the image: `job_019f…/0`. */
            id: string;
            index: number;
            job_id: string;
            model: string | null;
            /** @constant */
            object: "image";
            /** @description The first 200 characters of the prompt. */
            prompt: string;
            /** @description 1 to 5; null: none. */
            rating: number | null;
            starred: boolean;
            thumbhash: string | null;
            thumbnail_url: string | null;
            trashed_at: number | null;
            url: string;
            width: number;
        };
        ImageDetails: {
            albums: string[];
            attempts: number;
            batch_id: string | null;
            batch_name: string | null;
            bytes: number;
            composite_url: string | null;
            /** @description Its share of what its job cost, in US dollars. */
            cost: {
                actual: number | null;
                /** @constant */
                currency: "usd";
            };
            /** @description Unix seconds: when its job was submitted. */
            created_at: number;
            custom_id: string | null;
            deployment: string | null;
            /** @description It was made from a draft. */
            derived: boolean;
            edited: boolean;
            /** @description The name that the row of a batch gave. */
            filename: string | null;
            finished_at: number | null;
            format: string;
            /** @description What the provider made. */
            got: {
                background: string | null;
                format: string;
                height: number;
                quality: string | null;
                width: number;
            };
            height: number;
            /** @description The job and the index of the image: `job_019f…/0`. */
            id: string;
            index: number;
            job_cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            job_id: string;
            lineage: {
                became: {
                    batch_id: string | null;
                    images: {
                        height: number;
                        id: string;
                        thumbhash: string | null;
                        thumbnail_url: string | null;
                        url: string;
                        width: number;
                    }[];
                    job_id: string;
                    /** @constant */
                    kind: "final";
                    /** @enum {string} */
                    status: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
                }[];
                made_from: {
                    /** @description The image of a draft, or the file of a source. */
                    id: string;
                    /** @description Null for a source, and for a draft that was deleted. */
                    image: {
                        height: number;
                        id: string;
                        thumbhash: string | null;
                        thumbnail_url: string | null;
                        url: string;
                        width: number;
                    } | null;
                    /** @enum {string} */
                    kind: "draft" | "source";
                }[];
            };
            mask: {
                bytes: number | null;
                file_id: string;
                filename: string | null;
                height: number | null;
                /** @description Null: the file was deleted. */
                url: string | null;
                width: number | null;
            } | null;
            metadata: {
                [key: string]: string;
            };
            model: string | null;
            /** @constant */
            object: "image";
            prompt: string;
            provenance: {
                /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                c2pa: boolean | null;
            };
            /** @description 1 to 5; null: none. */
            rating: number | null;
            /** @description What was asked for. */
            request: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                images?: {
                    file_id: string;
                }[];
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                markup?: {
                    file_id: string;
                };
                mask?: {
                    file_id: string;
                };
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Partial images that the caller follows on a stream. Absent: no stream. */
                partial_images?: number;
                /**
                 * @description What the picture shows.
                 * @example A small boat in morning fog
                 */
                prompt: string;
                /** @description As submitted, in the answer about a single job. Lists leave it out, and so does every answer if an earlier release accepted more than is allowed now. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @description The job that was paid for, if this one shows its images. */
            reused_from: string | null;
            revised_prompt: string | null;
            row: number | null;
            sha256: string;
            sources: {
                bytes: number | null;
                file_id: string;
                filename: string | null;
                height: number | null;
                /** @description Null: the file was deleted. */
                url: string | null;
                width: number | null;
            }[];
            starred: boolean;
            thumbhash: string | null;
            thumbnail_url: string | null;
            trashed_at: number | null;
            url: string;
            width: number;
        };
        ImageDetailsInput: {
            albums: string[];
            attempts: number;
            batch_id: string | null;
            batch_name: string | null;
            bytes: number;
            composite_url: string | null;
            /** @description Its share of what its job cost, in US dollars. */
            cost: {
                actual: number | null;
                /** @constant */
                currency: "usd";
            };
            /** @description Unix seconds: when its job was submitted. */
            created_at: number;
            custom_id: string | null;
            deployment: string | null;
            /** @description It was made from a draft. */
            derived: boolean;
            edited: boolean;
            /** @description The name that the row of a batch gave. */
            filename: string | null;
            finished_at: number | null;
            format: string;
            /** @description What the provider made. */
            got: {
                background: string | null;
                format: string;
                height: number;
                quality: string | null;
                width: number;
            };
            height: number;
            /** @description The job and the index of the image: `job_019f…/0`. */
            id: string;
            index: number;
            job_cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            job_id: string;
            lineage: {
                became: {
                    batch_id: string | null;
                    images: {
                        height: number;
                        id: string;
                        thumbhash: string | null;
                        thumbnail_url: string | null;
                        url: string;
                        width: number;
                    }[];
                    job_id: string;
                    /** @constant */
                    kind: "final";
                    /** @enum {string} */
                    status: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
                }[];
                made_from: {
                    /** @description The image of a draft, or the file of a source. */
                    id: string;
                    /** @description Null for a source, and for a draft that was deleted. */
                    image: {
                        height: number;
                        id: string;
                        thumbhash: string | null;
                        thumbnail_url: string | null;
                        url: string;
                        width: number;
                    } | null;
                    /** @enum {string} */
                    kind: "draft" | "source";
                }[];
            };
            mask: {
                bytes: number | null;
                file_id: string;
                filename: string | null;
                height: number | null;
                /** @description Null: the file was deleted. */
                url: string | null;
                width: number | null;
            } | null;
            metadata: {
                [key: string]: string;
            };
            model: string | null;
            /** @constant */
            object: "image";
            prompt: string;
            provenance: {
                /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                c2pa: boolean | null;
            };
            /** @description 1 to 5; null: none. */
            rating: number | null;
            /** @description What was asked for. */
            request: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                images?: {
                    file_id: string;
                }[];
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                markup?: {
                    file_id: string;
                };
                mask?: {
                    file_id: string;
                };
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Partial images that the caller follows on a stream. Absent: no stream. */
                partial_images?: number;
                /**
                 * @description What the picture shows.
                 * @example A small boat in morning fog
                 */
                prompt: string;
                /** @description As submitted, in the answer about a single job. Lists leave it out, and so does every answer if an earlier release accepted more than is allowed now. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @description The job that was paid for, if this one shows its images. */
            reused_from: string | null;
            revised_prompt: string | null;
            row: number | null;
            sha256: string;
            sources: {
                bytes: number | null;
                file_id: string;
                filename: string | null;
                height: number | null;
                /** @description Null: the file was deleted. */
                url: string | null;
                width: number | null;
            }[];
            starred: boolean;
            thumbhash: string | null;
            thumbnail_url: string | null;
            trashed_at: number | null;
            url: string;
            width: number;
        };
        ImageEditRequest: {
            background?: ("auto" | "opaque" | "transparent") | null;
            complexity?: ("low" | "medium" | "high") | null;
            composite?: "outside_mask" | null;
            dedupe?: ("off" | "offer" | "reuse") | null;
            frame_count?: number | null;
            frame_duration_ms?: number | null;
            images: {
                file_id?: string;
                image_url?: string;
            }[];
            input_fidelity?: ("low" | "high") | null;
            markup?: {
                file_id?: string;
                image_url?: string;
            } | null;
            mask?: {
                file_id?: string;
                image_url?: string;
            } | null;
            metadata?: {
                [key: string]: string;
            } | null;
            model?: string | null;
            moderation?: ("auto" | "low") | null;
            n?: number | null;
            output_compression?: number | null;
            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
            partial_images?: number | null;
            /**
             * @description What the picture shows.
             * @example A small boat in morning fog
             */
            prompt: string;
            provider_options?: {
                [key: string]: unknown;
            } | null;
            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            response_format?: ("b64_json" | "url") | null;
            safety_identifier?: string | null;
            size?: string | null;
            stream?: boolean | null;
            svg?: {
                model?: string;
                reasoning?: {
                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                } | null;
            } | null;
            user?: string | null;
        };
        ImageEditRequestInput: {
            background?: ("auto" | "opaque" | "transparent") | null;
            complexity?: ("low" | "medium" | "high") | null;
            composite?: "outside_mask" | null;
            dedupe?: ("off" | "offer" | "reuse") | null;
            frame_count?: number | null;
            frame_duration_ms?: number | null;
            images: {
                file_id?: string;
                image_url?: string;
            }[];
            input_fidelity?: ("low" | "high") | null;
            markup?: {
                file_id?: string;
                image_url?: string;
            } | null;
            mask?: {
                file_id?: string;
                image_url?: string;
            } | null;
            metadata?: {
                [key: string]: string;
            } | null;
            model?: string | null;
            moderation?: ("auto" | "low") | null;
            n?: number | null;
            output_compression?: number | null;
            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
            partial_images?: number | null;
            /**
             * @description What the picture shows.
             * @example A small boat in morning fog
             */
            prompt: string;
            provider_options?: {
                [key: string]: unknown;
            } | null;
            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            response_format?: ("b64_json" | "url") | null;
            safety_identifier?: string | null;
            size?: string | null;
            stream?: boolean | null;
            svg?: {
                model?: string;
                reasoning?: {
                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                } | null;
            } | null;
            user?: string | null;
        };
        ImageGenerationRequest: {
            background?: ("auto" | "opaque" | "transparent") | null;
            complexity?: ("low" | "medium" | "high") | null;
            dedupe?: ("off" | "offer" | "reuse") | null;
            frame_count?: number | null;
            frame_duration_ms?: number | null;
            metadata?: {
                [key: string]: string;
            } | null;
            model?: string | null;
            moderation?: ("auto" | "low") | null;
            n?: number | null;
            output_compression?: number | null;
            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
            partial_images?: number | null;
            /**
             * @description What the picture shows.
             * @example A small boat in morning fog
             */
            prompt: string;
            provider_options?: {
                [key: string]: unknown;
            } | null;
            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            response_format?: ("b64_json" | "url") | null;
            safety_identifier?: string | null;
            size?: string | null;
            stream?: boolean | null;
            svg?: {
                model?: string;
                reasoning?: {
                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                } | null;
            } | null;
            user?: string | null;
        };
        ImageGenerationRequestInput: {
            background?: ("auto" | "opaque" | "transparent") | null;
            complexity?: ("low" | "medium" | "high") | null;
            dedupe?: ("off" | "offer" | "reuse") | null;
            frame_count?: number | null;
            frame_duration_ms?: number | null;
            metadata?: {
                [key: string]: string;
            } | null;
            model?: string | null;
            moderation?: ("auto" | "low") | null;
            n?: number | null;
            output_compression?: number | null;
            output_format?: ("png" | "jpeg" | "webp" | "gif" | "svg") | null;
            partial_images?: number | null;
            /**
             * @description What the picture shows.
             * @example A small boat in morning fog
             */
            prompt: string;
            provider_options?: {
                [key: string]: unknown;
            } | null;
            quality?: ("auto" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            response_format?: ("b64_json" | "url") | null;
            safety_identifier?: string | null;
            size?: string | null;
            stream?: boolean | null;
            svg?: {
                model?: string;
                reasoning?: {
                    effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                } | null;
            } | null;
            user?: string | null;
        };
        ImageInput: {
            albums: string[];
            batch_id: string | null;
            bytes: number;
            /** @description Its share of what its job cost, in US dollars. */
            cost: {
                actual: number | null;
                /** @constant */
                currency: "usd";
            };
            /** @description Unix seconds: when its job was submitted. */
            created_at: number;
            custom_id: string | null;
            /** @description It was made from a draft. */
            derived: boolean;
            edited: boolean;
            format: string;
            height: number;
            /** @description The job and the index of the image: `job_019f…/0`. */
            id: string;
            index: number;
            job_id: string;
            model: string | null;
            /** @constant */
            object: "image";
            /** @description The first 200 characters of the prompt. */
            prompt: string;
            /** @description 1 to 5; null: none. */
            rating: number | null;
            starred: boolean;
            thumbhash: string | null;
            thumbnail_url: string | null;
            trashed_at: number | null;
            url: string;
            width: number;
        };
        ImageJob: {
            attempts: {
                made: number;
                max: number;
            };
            batch_id: string | null;
            cancel_requested_at: number | null;
            /** @description What the provider says that it chose: values that the request left open or that it changed, and the prompt as it rewrote it. Null before an answer. */
            chosen: {
                background?: string;
                quality?: string;
                revised_prompt?: string;
            } | null;
            cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            /** @description Unix seconds */
            created_at: number;
            custom_id: string | null;
            /** @description The deployment of the last call; null while several may take the job and none has. */
            deployment: string | null;
            /** @description The image that the job finishes, `job_…/0`. */
            derived_from: string | null;
            endpoint: string;
            error: {
                code: string;
                message: string;
                moderation: {
                    categories: string[];
                    stage: string | null;
                } | null;
                param: string | null;
            } | null;
            finished_at: number | null;
            id: string;
            images: {
                bytes: number;
                /** @description The first image of an edit, laid back outside the mask. Made right after the picture, if the request has `composite`. */
                composite: {
                    bytes: number;
                    /** @constant */
                    format: "png";
                    height: number;
                    sha256: string;
                    url: string;
                    width: number;
                } | null;
                /** @description Why the request has `composite` and this image none. While it is being made, both are null. */
                composite_skipped: {
                    code: string;
                    message: string;
                } | null;
                format: string;
                height: number;
                index: number;
                provenance: {
                    /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                    c2pa: boolean | null;
                };
                /** @description 1 to 5; null: none. */
                rating: number | null;
                sha256: string;
                starred: boolean;
                /** @description A ThumbHash in base64: a few bytes to show, blurred, until the picture arrives. Made right after the picture; null until then, for gif and svg, and where it cannot be made. */
                thumbhash: string | null;
                /** @description A webp of at most 320 pixels; null for gif and svg. */
                thumbnail_url: string | null;
                /** @description Unix seconds. It is in the trash, and is deleted some days later. */
                trashed_at: number | null;
                url: string;
                width: number;
            }[];
            metadata: {
                [key: string]: string;
            };
            model: string;
            /** @constant */
            object: "image.job";
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description Where the job stands and why it waits; null once it has started. */
            queue: {
                /** @description The code, the job that was refused, and the words of the provider, if any. */
                because: {
                    code: string;
                    job_id: string | null;
                    message: string | null;
                } | null;
                /** @description Seconds until the job should be done; null while an operator has paused its pool. */
                eta_seconds: number | null;
                /** @description The number of jobs that start before it. */
                position: number;
                /**
                 * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
                 * @enum {string}
                 */
                reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
                /** @description Seconds until its call should start; null while an operator has paused its pool. */
                starts_in_seconds: number | null;
                /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
                until: number | null;
            } | null;
            request: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                images?: {
                    file_id: string;
                }[];
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                markup?: {
                    file_id: string;
                };
                mask?: {
                    file_id: string;
                };
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Partial images that the caller follows on a stream. Absent: no stream. */
                partial_images?: number;
                /**
                 * @description What the picture shows.
                 * @example A small boat in morning fog
                 */
                prompt: string;
                /** @description As submitted, in the answer about a single job. Lists leave it out, and so does every answer if an earlier release accepted more than is allowed now. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @description Unix seconds. When the images of a succeeded job were deleted, at the end of the time that results are kept. */
            results_deleted_at: number | null;
            /** @description The job whose images these are copies of: nothing was paid for them. */
            reused_from: string | null;
            started_at: number | null;
            /** @enum {string} */
            status: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
            /** @description The tokens of the model that wrote an SVG document, as the provider counts them. */
            svg_usage: {
                [key: string]: unknown;
            } | null;
            /** @description The usage object of the provider, unchanged. */
            usage: {
                [key: string]: unknown;
            } | null;
            warnings: {
                code: string;
                message: string;
            }[];
            webhook_events: string[] | null;
            webhook_url: string | null;
        };
        ImageJobAttempt: {
            cost: {
                actual: number | null;
                /** @description US dollars */
                at_risk: number;
                /** @constant */
                currency: "usd";
            };
            deployment: string;
            error: {
                code: string;
                message: string;
                moderation: {
                    categories: string[];
                    stage: string | null;
                } | null;
                param: string | null;
            } | null;
            finished_at: number | null;
            http_status: number | null;
            id: string;
            job_id: string;
            number: number;
            /** @constant */
            object: "image.job.attempt";
            pool: string;
            provider_request_id: string | null;
            /** @description Unix seconds */
            started_at: number;
            /** @enum {string} */
            status: "in_flight" | "succeeded" | "refused" | "rejected" | "unusable" | "unknown";
            /** @description The tokens of the model that wrote an SVG document, as the provider counts them. */
            svg_usage: {
                [key: string]: unknown;
            } | null;
            usage: {
                [key: string]: unknown;
            } | null;
        };
        ImageJobAttemptInput: {
            cost: {
                actual: number | null;
                /** @description US dollars */
                at_risk: number;
                /** @constant */
                currency: "usd";
            };
            deployment: string;
            error: {
                code: string;
                message: string;
                moderation: {
                    categories: string[];
                    stage: string | null;
                } | null;
                param: string | null;
            } | null;
            finished_at: number | null;
            http_status: number | null;
            id: string;
            job_id: string;
            number: number;
            /** @constant */
            object: "image.job.attempt";
            pool: string;
            provider_request_id: string | null;
            /** @description Unix seconds */
            started_at: number;
            /** @enum {string} */
            status: "in_flight" | "succeeded" | "refused" | "rejected" | "unusable" | "unknown";
            /** @description The tokens of the model that wrote an SVG document, as the provider counts them. */
            svg_usage: {
                [key: string]: unknown;
            } | null;
            usage: {
                [key: string]: unknown;
            } | null;
        };
        ImageJobInput: {
            attempts: {
                made: number;
                max: number;
            };
            batch_id: string | null;
            cancel_requested_at: number | null;
            /** @description What the provider says that it chose: values that the request left open or that it changed, and the prompt as it rewrote it. Null before an answer. */
            chosen: {
                background?: string;
                quality?: string;
                revised_prompt?: string;
            } | null;
            cost: {
                actual: number | null;
                /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
                at_risk: number;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            /** @description Unix seconds */
            created_at: number;
            custom_id: string | null;
            /** @description The deployment of the last call; null while several may take the job and none has. */
            deployment: string | null;
            /** @description The image that the job finishes, `job_…/0`. */
            derived_from: string | null;
            endpoint: string;
            error: {
                code: string;
                message: string;
                moderation: {
                    categories: string[];
                    stage: string | null;
                } | null;
                param: string | null;
            } | null;
            finished_at: number | null;
            id: string;
            images: {
                bytes: number;
                /** @description The first image of an edit, laid back outside the mask. Made right after the picture, if the request has `composite`. */
                composite: {
                    bytes: number;
                    /** @constant */
                    format: "png";
                    height: number;
                    sha256: string;
                    url: string;
                    width: number;
                } | null;
                /** @description Why the request has `composite` and this image none. While it is being made, both are null. */
                composite_skipped: {
                    code: string;
                    message: string;
                } | null;
                format: string;
                height: number;
                index: number;
                provenance: {
                    /** @description Whether the bytes hold a C2PA manifest, which is not checked; null: Kiln did not look. */
                    c2pa: boolean | null;
                };
                /** @description 1 to 5; null: none. */
                rating: number | null;
                sha256: string;
                starred: boolean;
                /** @description A ThumbHash in base64: a few bytes to show, blurred, until the picture arrives. Made right after the picture; null until then, for gif and svg, and where it cannot be made. */
                thumbhash: string | null;
                /** @description A webp of at most 320 pixels; null for gif and svg. */
                thumbnail_url: string | null;
                /** @description Unix seconds. It is in the trash, and is deleted some days later. */
                trashed_at: number | null;
                url: string;
                width: number;
            }[];
            metadata: {
                [key: string]: string;
            };
            model: string;
            /** @constant */
            object: "image.job";
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description Where the job stands and why it waits; null once it has started. */
            queue: {
                /** @description The code, the job that was refused, and the words of the provider, if any. */
                because: {
                    code: string;
                    job_id: string | null;
                    message: string | null;
                } | null;
                /** @description Seconds until the job should be done; null while an operator has paused its pool. */
                eta_seconds: number | null;
                /** @description The number of jobs that start before it. */
                position: number;
                /**
                 * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
                 * @enum {string}
                 */
                reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
                /** @description Seconds until its call should start; null while an operator has paused its pool. */
                starts_in_seconds: number | null;
                /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
                until: number | null;
            } | null;
            request: {
                /** @enum {string} */
                background?: "auto" | "opaque" | "transparent";
                /**
                 * @description `outside_mask`: besides the result, lay the first image back outside the mask, as a second picture (`images[].composite`). Not sent to the provider.
                 * @enum {string}
                 */
                composite?: "outside_mask";
                /** @description Frames of a gif. Default: 9. */
                frame_count?: number;
                /** @description Milliseconds that a gif shows each frame. Default: 200. */
                frame_duration_ms?: number;
                images?: {
                    file_id: string;
                }[];
                /**
                 * @description How closely an edit keeps to its images, for models that take it.
                 * @enum {string}
                 */
                input_fidelity?: "low" | "high";
                markup?: {
                    file_id: string;
                };
                mask?: {
                    file_id: string;
                };
                /** @enum {string} */
                moderation?: "auto" | "low";
                /** @description Number of pictures. Default: 1. */
                n?: number;
                /** @description Per cent. Only with jpeg and webp. */
                output_compression?: number;
                /** @enum {string} */
                output_format?: "png" | "jpeg" | "webp" | "gif" | "svg";
                /** @description Partial images that the caller follows on a stream. Absent: no stream. */
                partial_images?: number;
                /**
                 * @description What the picture shows.
                 * @example A small boat in morning fog
                 */
                prompt: string;
                /** @description As submitted, in the answer about a single job. Lists leave it out, and so does every answer if an earlier release accepted more than is allowed now. */
                provider_options?: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
                safety_identifier?: string;
                /** @description WIDTHxHEIGHT or auto. `GET /v1/models` lists what each model takes. */
                size?: string;
                /**
                 * @description The model that writes an SVG document, and its effort. Only with `output_format` svg.
                 * @example {
                 *       "model": "gpt-5.6-terra",
                 *       "reasoning": {
                 *         "effort": "low"
                 *       }
                 *     }
                 */
                svg?: {
                    model?: string;
                    reasoning?: {
                        effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
                    } | null;
                };
                user?: string;
            };
            /** @description Unix seconds. When the images of a succeeded job were deleted, at the end of the time that results are kept. */
            results_deleted_at: number | null;
            /** @description The job whose images these are copies of: nothing was paid for them. */
            reused_from: string | null;
            started_at: number | null;
            /** @enum {string} */
            status: "queued" | "in_progress" | "held" | "succeeded" | "failed" | "cancelled" | "expired";
            /** @description The tokens of the model that wrote an SVG document, as the provider counts them. */
            svg_usage: {
                [key: string]: unknown;
            } | null;
            /** @description The usage object of the provider, unchanged. */
            usage: {
                [key: string]: unknown;
            } | null;
            warnings: {
                code: string;
                message: string;
            }[];
            webhook_events: string[] | null;
            webhook_url: string | null;
        };
        ImageModel: {
            aliases: string[];
            /**
             * @description What Azure makes when a request has no `quality`.
             * @enum {string}
             */
            azure_default_quality: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
            azure_default_rpm: number | null;
            created: number;
            /** @description The configured deployments that serve the model. */
            deployments: string[];
            id: string;
            /** @description Facts that are documented for another model only, and taken over for this one. */
            inferred: string[];
            /** @description Values of `input_fidelity` for edits; empty when the model does not take the field. */
            input_fidelity: ("low" | "high")[];
            /** @constant */
            object: "model";
            /** @description Whether OpenAI's own Batch API takes the model; null when it is not known. */
            openai_batch: boolean | null;
            output_formats: {
                azure: ("png" | "jpeg" | "webp" | "gif" | "svg")[];
                openai: ("png" | "jpeg" | "webp" | "gif" | "svg")[];
            };
            owned_by: string;
            /** @description The fields of a job that the model takes. */
            parameters: string[];
            /** @description The providers of these deployments, whose rules apply. */
            providers: ("openai" | "azure")[];
            qualities: ("auto" | "low" | "medium" | "high" | "xhigh" | "max")[];
            retires: {
                azure: string | null;
                openai: string | null;
            };
            sizes: {
                allowed: string[];
                /** @constant */
                kind: "fixed";
            } | {
                edge_multiple: number;
                /** @constant */
                kind: "free";
                max_edge: number;
                max_pixels: number;
                max_ratio: number;
                min_pixels: number;
            };
            transparent_background: boolean | "preview";
            usd_per_million_tokens: {
                image_in: number;
                out: number;
                text_in: number;
            };
        };
        ImageModelInput: {
            aliases: string[];
            /**
             * @description What Azure makes when a request has no `quality`.
             * @enum {string}
             */
            azure_default_quality: "auto" | "low" | "medium" | "high" | "xhigh" | "max";
            azure_default_rpm: number | null;
            created: number;
            /** @description The configured deployments that serve the model. */
            deployments: string[];
            id: string;
            /** @description Facts that are documented for another model only, and taken over for this one. */
            inferred: string[];
            /** @description Values of `input_fidelity` for edits; empty when the model does not take the field. */
            input_fidelity: ("low" | "high")[];
            /** @constant */
            object: "model";
            /** @description Whether OpenAI's own Batch API takes the model; null when it is not known. */
            openai_batch: boolean | null;
            output_formats: {
                azure: ("png" | "jpeg" | "webp" | "gif" | "svg")[];
                openai: ("png" | "jpeg" | "webp" | "gif" | "svg")[];
            };
            owned_by: string;
            /** @description The fields of a job that the model takes. */
            parameters: string[];
            /** @description The providers of these deployments, whose rules apply. */
            providers: ("openai" | "azure")[];
            qualities: ("auto" | "low" | "medium" | "high" | "xhigh" | "max")[];
            retires: {
                azure: string | null;
                openai: string | null;
            };
            sizes: {
                allowed: string[];
                /** @constant */
                kind: "fixed";
            } | {
                edge_multiple: number;
                /** @constant */
                kind: "free";
                max_edge: number;
                max_pixels: number;
                max_ratio: number;
                min_pixels: number;
            };
            transparent_background: boolean | "preview";
            usd_per_million_tokens: {
                image_in: number;
                out: number;
                text_in: number;
            };
        };
        ImageOffer: {
            /** @description Up to five jobs with the same request, the newest first. */
            made_before: components["schemas"]["ImageJob"][];
            message: string;
            /** @constant */
            object: "image.offer";
        };
        ImageOfferInput: {
            /** @description Up to five jobs with the same request, the newest first. */
            made_before: components["schemas"]["ImageJobInput"][];
            message: string;
            /** @constant */
            object: "image.offer";
        };
        Images: {
            background?: string;
            /** @description Unix seconds */
            created: number;
            data: {
                b64_json?: string;
                url?: string;
            }[];
            output_format?: string;
            quality?: string;
            size?: string;
            svg_usage?: {
                [key: string]: unknown;
            };
            usage?: {
                [key: string]: unknown;
            };
        };
        ImagesInput: {
            background?: string;
            /** @description Unix seconds */
            created: number;
            data: {
                b64_json?: string;
                url?: string;
            }[];
            output_format?: string;
            quality?: string;
            size?: string;
            svg_usage?: {
                [key: string]: unknown;
            };
            usage?: {
                [key: string]: unknown;
            };
        };
        JobValidation: {
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description The most calls that are paid for without a decision of a person. */
                at_most_calls: number;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            /** @description The only deployment that serves the job; null while several may take it. */
            deployment: string | null;
            endpoint: string | null;
            model: string | null;
            /** @constant */
            object: "job.validation";
            /** @description Everything that has to be changed, in the words of `POST /v1/jobs`. */
            problems: {
                /** @description The error code that `POST /v1/jobs` would answer with. */
                code: string;
                message: string;
                /** @description The field to change, such as `size` or `images.2`; null for the whole body. */
                param: string | null;
            }[];
            /** @description Where the job would stand if it were submitted now. */
            queue: {
                /** @description The code, the job that was refused, and the words of the provider, if any. */
                because: {
                    code: string;
                    job_id: string | null;
                    message: string | null;
                } | null;
                /** @description Seconds until the job should be done; null while an operator has paused its pool. */
                eta_seconds: number | null;
                /** @description When eight of ten such jobs would be done. */
                finishes_at: {
                    /** @description How many of the newest calls of the model this rests on. 0: on what the providers say. */
                    calls: number;
                    /** @description Unix seconds */
                    earliest: number;
                    /** @description Unix seconds */
                    latest: number;
                } | null;
                /** @description The pool that starts it; null while several may. */
                pool: string | null;
                /** @description The number of jobs that start before it. */
                position: number;
                /**
                 * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
                 * @enum {string}
                 */
                reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
                starts_at: number | null;
                /** @description Seconds until its call should start; null while an operator has paused its pool. */
                starts_in_seconds: number | null;
                /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
                until: number | null;
            } | null;
            /** @description The request as the job would store it. A picture that came inside the request has no file yet: it is shown as `{"image_url": "data:"}`. */
            request: {
                [key: string]: unknown;
            } | null;
            /** @description Whether `POST /v1/jobs` would accept the request. */
            valid: boolean;
            warnings: {
                code: string;
                message: string;
            }[];
        };
        JobValidationInput: {
            cost: {
                /** @description US dollars. The most that is paid for, with every further call that the policy for unknown outcomes and unusable answers allows, and the dearest value for what the request leaves open. Null when there is no limit. */
                at_most: number | null;
                /** @description The most calls that are paid for without a decision of a person. */
                at_most_calls: number;
                /** @description Why there is no limit; null when there is one. */
                at_most_reason: string | null;
                /** @constant */
                currency: "usd";
                /** @description What the estimate rests on: `published` figures of the provider, `inferred` ones, or `learnt from 214 calls`. Null when there is no estimate. */
                estimate_basis: string | null;
                estimated: number | null;
            };
            /** @description The only deployment that serves the job; null while several may take it. */
            deployment: string | null;
            endpoint: string | null;
            model: string | null;
            /** @constant */
            object: "job.validation";
            /** @description Everything that has to be changed, in the words of `POST /v1/jobs`. */
            problems: {
                /** @description The error code that `POST /v1/jobs` would answer with. */
                code: string;
                message: string;
                /** @description The field to change, such as `size` or `images.2`; null for the whole body. */
                param: string | null;
            }[];
            /** @description Where the job would stand if it were submitted now. */
            queue: {
                /** @description The code, the job that was refused, and the words of the provider, if any. */
                because: {
                    code: string;
                    job_id: string | null;
                    message: string | null;
                } | null;
                /** @description Seconds until the job should be done; null while an operator has paused its pool. */
                eta_seconds: number | null;
                /** @description When eight of ten such jobs would be done. */
                finishes_at: {
                    /** @description How many of the newest calls of the model this rests on. 0: on what the providers say. */
                    calls: number;
                    /** @description Unix seconds */
                    earliest: number;
                    /** @description Unix seconds */
                    latest: number;
                } | null;
                /** @description The pool that starts it; null while several may. */
                pool: string | null;
                /** @description The number of jobs that start before it. */
                position: number;
                /**
                 * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
                 * @enum {string}
                 */
                reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
                starts_at: number | null;
                /** @description Seconds until its call should start; null while an operator has paused its pool. */
                starts_in_seconds: number | null;
                /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
                until: number | null;
            } | null;
            /** @description The request as the job would store it. A picture that came inside the request has no file yet: it is shown as `{"image_url": "data:"}`. */
            request: {
                [key: string]: unknown;
            } | null;
            /** @description Whether `POST /v1/jobs` would accept the request. */
            valid: boolean;
            warnings: {
                code: string;
                message: string;
            }[];
        };
        Pool: {
            /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
            at_risk: number;
            /** @description Waiting jobs that this pool may take. Other pools may take some of them too. */
            backlog: number;
            /** @description The job whose refusal closed the pool. */
            blocked_job: string | null;
            /** @description The words of the provider at that refusal. */
            blocked_message: string | null;
            blocked_reason: string | null;
            blocked_until: number | null;
            deployments: {
                name: string;
                /** @description Unix seconds. */
                next_probe_at: number | null;
                paused_job: string | null;
                paused_message: string | null;
                /** @description Models that the deployment refuses; other models go on. */
                paused_models: {
                    model: string;
                    next_probe_at: number;
                    paused_job: string | null;
                    paused_message: string | null;
                    paused_reason: string;
                }[];
                paused_reason: string | null;
                /** @enum {string} */
                status: "open" | "paused";
            }[];
            /** @description Seconds until the whole backlog should have started; null while an operator has paused the pool. */
            eta_seconds: number | null;
            held: number;
            in_flight: number;
            /** @description Images a minute, if they are counted. */
            ipm: number | null;
            /** @description A probing call is under way. */
            is_probing: boolean;
            name: string;
            /** @description Unix seconds; null before the first start. */
            next_start_at: number | null;
            /** @constant */
            object: "pool";
            /** @description Interval between starts, and the share of the quota that is used after refusals. */
            pace: {
                interval_ms: number;
                share: number;
            };
            /** @description `operator`: until an operator resumes it. `fault`: until a probing call succeeds, the next of them at `blocked_until`. */
            paused_by: ("operator" | "fault") | null;
            /** @description What the provider's last answer said of its own limits; null: nothing yet. */
            reported: {
                /** @description Unix seconds. */
                at: number;
                /** @description The deployment that answered. */
                deployment: string;
                images: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
                requests: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
                tokens: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
            } | null;
            /** @description Requests a minute that the provider grants; null: it does not count them. */
            rpm: number | null;
            /**
             * @description `blocked`: until a known time. `paused`: after a fault, until a probing call succeeds, or by an operator.
             * @enum {string}
             */
            status: "open" | "blocked" | "paused";
            /** @description Tokens a minute, if they are counted. */
            tpm: number | null;
            /** @description Where the configured quota differs from the one that the provider reports. */
            warnings: string[];
        };
        PoolActivity: {
            /** @description 60 for `1h`, 900 for `24h`. */
            bucket_seconds: number;
            /** @description A bucket for each minute or quarter of an hour, oldest first; the last one is not over yet. Buckets without calls are zero. */
            data: {
                /** @description Unix seconds. When the bucket begins. */
                at: number;
                /** @description US dollars, as far as the answers told it. */
                cost: number;
                /** @description The pictures in the answers. */
                images: number;
                /** @description Calls without an answer yet. */
                in_flight: number;
                /** @description Calls that were answered with 429; most of them are `refused`. */
                rate_limited: number;
                /** @description Calls that the provider certainly did not execute. */
                refused: number;
                /** @description Calls that were refused for their content or parameters. */
                rejected: number;
                /** @description Calls that started in the bucket. All other counts are of these calls. */
                started: number;
                /** @description Calls that were answered with pictures. */
                succeeded: number;
                /** @description Calls whose outcome is unknown: they may have been billed. */
                unknown: number;
                /** @description Calls that were answered without a usable picture. */
                unusable: number;
            }[];
            /** @constant */
            object: "pool.activity";
            pool: string;
            /** @enum {string} */
            window: "1h" | "24h";
        };
        PoolActivityInput: {
            /** @description 60 for `1h`, 900 for `24h`. */
            bucket_seconds: number;
            /** @description A bucket for each minute or quarter of an hour, oldest first; the last one is not over yet. Buckets without calls are zero. */
            data: {
                /** @description Unix seconds. When the bucket begins. */
                at: number;
                /** @description US dollars, as far as the answers told it. */
                cost: number;
                /** @description The pictures in the answers. */
                images: number;
                /** @description Calls without an answer yet. */
                in_flight: number;
                /** @description Calls that were answered with 429; most of them are `refused`. */
                rate_limited: number;
                /** @description Calls that the provider certainly did not execute. */
                refused: number;
                /** @description Calls that were refused for their content or parameters. */
                rejected: number;
                /** @description Calls that started in the bucket. All other counts are of these calls. */
                started: number;
                /** @description Calls that were answered with pictures. */
                succeeded: number;
                /** @description Calls whose outcome is unknown: they may have been billed. */
                unknown: number;
                /** @description Calls that were answered without a usable picture. */
                unusable: number;
            }[];
            /** @constant */
            object: "pool.activity";
            pool: string;
            /** @enum {string} */
            window: "1h" | "24h";
        };
        PoolInput: {
            /** @description US dollars. Estimated cost of calls whose outcome is unknown. */
            at_risk: number;
            /** @description Waiting jobs that this pool may take. Other pools may take some of them too. */
            backlog: number;
            /** @description The job whose refusal closed the pool. */
            blocked_job: string | null;
            /** @description The words of the provider at that refusal. */
            blocked_message: string | null;
            blocked_reason: string | null;
            blocked_until: number | null;
            deployments: {
                name: string;
                /** @description Unix seconds. */
                next_probe_at: number | null;
                paused_job: string | null;
                paused_message: string | null;
                /** @description Models that the deployment refuses; other models go on. */
                paused_models: {
                    model: string;
                    next_probe_at: number;
                    paused_job: string | null;
                    paused_message: string | null;
                    paused_reason: string;
                }[];
                paused_reason: string | null;
                /** @enum {string} */
                status: "open" | "paused";
            }[];
            /** @description Seconds until the whole backlog should have started; null while an operator has paused the pool. */
            eta_seconds: number | null;
            held: number;
            in_flight: number;
            /** @description Images a minute, if they are counted. */
            ipm: number | null;
            /** @description A probing call is under way. */
            is_probing: boolean;
            name: string;
            /** @description Unix seconds; null before the first start. */
            next_start_at: number | null;
            /** @constant */
            object: "pool";
            /** @description Interval between starts, and the share of the quota that is used after refusals. */
            pace: {
                interval_ms: number;
                share: number;
            };
            /** @description `operator`: until an operator resumes it. `fault`: until a probing call succeeds, the next of them at `blocked_until`. */
            paused_by: ("operator" | "fault") | null;
            /** @description What the provider's last answer said of its own limits; null: nothing yet. */
            reported: {
                /** @description Unix seconds. */
                at: number;
                /** @description The deployment that answered. */
                deployment: string;
                images: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
                requests: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
                tokens: {
                    limit: number | null;
                    remaining: number | null;
                    /** @description Unix seconds. */
                    reset_at: number | null;
                } | null;
            } | null;
            /** @description Requests a minute that the provider grants; null: it does not count them. */
            rpm: number | null;
            /**
             * @description `blocked`: until a known time. `paused`: after a fault, until a probing call succeeds, or by an operator.
             * @enum {string}
             */
            status: "open" | "blocked" | "paused";
            /** @description Tokens a minute, if they are counted. */
            tpm: number | null;
            /** @description Where the configured quota differs from the one that the provider reports. */
            warnings: string[];
        };
        QueueEntry: {
            batch_id: string | null;
            /** @description The code, the job that was refused, and the words of the provider, if any. */
            because: {
                code: string;
                job_id: string | null;
                message: string | null;
            } | null;
            custom_id: string | null;
            /** @description The id of the job. */
            id: string;
            model: string;
            n: number;
            /** @constant */
            object: "queue.entry";
            /** @description The pool that should start it; null while several may and none will soon. */
            pool: string | null;
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description The first 200 characters of the prompt. */
            prompt: string;
            /**
             * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
             * @enum {string}
             */
            reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
            /** @description The number of its row in the file of the batch. */
            row: number | null;
            size: string | null;
            /** @description The file of the first picture of an edit. */
            source_file_id: string | null;
            /** @description Unix seconds, estimated like the seconds. */
            starts_at: number | null;
            /** @description Seconds until its call should start; null while an operator has paused its pool. */
            starts_in_seconds: number | null;
            /**
             * @description `in_progress`: a worker holds the job for its start, and it waits no longer.
             * @enum {string}
             */
            status: "queued" | "in_progress";
            /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
            until: number | null;
        };
        QueueEntryInput: {
            batch_id: string | null;
            /** @description The code, the job that was refused, and the words of the provider, if any. */
            because: {
                code: string;
                job_id: string | null;
                message: string | null;
            } | null;
            custom_id: string | null;
            /** @description The id of the job. */
            id: string;
            model: string;
            n: number;
            /** @constant */
            object: "queue.entry";
            /** @description The pool that should start it; null while several may and none will soon. */
            pool: string | null;
            /** @enum {string} */
            priority: "interactive" | "bulk";
            /** @description The first 200 characters of the prompt. */
            prompt: string;
            /**
             * @description Why the job waits. `pace`: for its turn. `priority`: more urgent jobs go first. `pool_paused`, `deployment_paused`, `model_paused`: after a fault, until a probing call succeeds, or by an operator. `blocked`: the provider asked to wait. `refused`: its last call was refused, and another job shows first whose fault that was. `retry`: it rests before its call is repeated. `store_away`, `spool_full`: a worker lacks pictures or room. `batch_paused`. `not_served`: no deployment serves it any more.
             * @enum {string}
             */
            reason: "batch_paused" | "store_away" | "spool_full" | "not_served" | "pool_paused" | "blocked" | "deployment_paused" | "model_paused" | "refused" | "retry" | "priority" | "pace";
            /** @description The number of its row in the file of the batch. */
            row: number | null;
            size: string | null;
            /** @description The file of the first picture of an edit. */
            source_file_id: string | null;
            /** @description Unix seconds, estimated like the seconds. */
            starts_at: number | null;
            /** @description Seconds until its call should start; null while an operator has paused its pool. */
            starts_in_seconds: number | null;
            /**
             * @description `in_progress`: a worker holds the job for its start, and it waits no longer.
             * @enum {string}
             */
            status: "queued" | "in_progress";
            /** @description Unix seconds: the end of the wait, or the next probe, as far as it is known. */
            until: number | null;
        };
        Selection: {
            /** @description The images that it stood for when it was made. */
            count: number;
            /** @description Unix seconds */
            created_at: number;
            /** @description Unix seconds */
            expires_at: number;
            id: string;
            /** @constant */
            object: "selection";
        };
        SelectionInput: {
            /** @description The images that it stood for when it was made. */
            count: number;
            /** @description Unix seconds */
            created_at: number;
            /** @description Unix seconds */
            expires_at: number;
            id: string;
            /** @constant */
            object: "selection";
        };
        Session: {
            /** @description Whether requests like this one are accepted. False: sign in with `POST /v1/session`. */
            authenticated: boolean;
            /** @description Unix seconds: when it signed in. */
            created_at: number | null;
            /** @description Unix seconds: when the session ends, if it is not used before. */
            expires_at: number | null;
            /** @description False when Kiln runs without keys: every request is accepted. */
            keys_required: boolean;
            /** @description What proves it: the cookie, or a key in a header. Null: nothing does. */
            method: ("session" | "api_key") | null;
            /** @constant */
            object: "session";
        };
        SessionInput: {
            /** @description Whether requests like this one are accepted. False: sign in with `POST /v1/session`. */
            authenticated: boolean;
            /** @description Unix seconds: when it signed in. */
            created_at: number | null;
            /** @description Unix seconds: when the session ends, if it is not used before. */
            expires_at: number | null;
            /** @description False when Kiln runs without keys: every request is accepted. */
            keys_required: boolean;
            /** @description What proves it: the cookie, or a key in a header. Null: nothing does. */
            method: ("session" | "api_key") | null;
            /** @constant */
            object: "session";
        };
        StreamToken: {
            /** @description Unix seconds: the stream can be opened until then. An open stream goes on. */
            expires_at: number;
            /** @constant */
            object: "stream_token";
            stream: string;
            /** @description Send it as `stream_token` in the query. */
            token: string;
            /** @description The address of the stream with the token. */
            url: string;
        };
        StreamTokenInput: {
            /** @description Unix seconds: the stream can be opened until then. An open stream goes on. */
            expires_at: number;
            /** @constant */
            object: "stream_token";
            stream: string;
            /** @description Send it as `stream_token` in the query. */
            token: string;
            /** @description The address of the stream with the token. */
            url: string;
        };
        WebhookDelivery: {
            batch_id: string | null;
            /** @description Unix seconds */
            created_at: number;
            /** @description null for the `webhook_url` of a job or batch. */
            endpoint_id: string | null;
            /** @description The id of the event; every try sends it as `webhook-id`. */
            event_id: string;
            event_type: string;
            failure: ("exhausted" | "gone" | "endpoint_disabled" | "endpoint_deleted" | "secret_missing") | null;
            finished_at: number | null;
            id: string;
            job_id: string | null;
            next_try_at: number | null;
            /** @constant */
            object: "webhook_delivery";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            tries: {
                made: number;
                /** @constant */
                max: 8;
                of_schedule: number;
            };
            url: string;
        };
        WebhookDeliveryInput: {
            batch_id: string | null;
            /** @description Unix seconds */
            created_at: number;
            /** @description null for the `webhook_url` of a job or batch. */
            endpoint_id: string | null;
            /** @description The id of the event; every try sends it as `webhook-id`. */
            event_id: string;
            event_type: string;
            failure: ("exhausted" | "gone" | "endpoint_disabled" | "endpoint_deleted" | "secret_missing") | null;
            finished_at: number | null;
            id: string;
            job_id: string | null;
            next_try_at: number | null;
            /** @constant */
            object: "webhook_delivery";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            tries: {
                made: number;
                /** @constant */
                max: 8;
                of_schedule: number;
            };
            url: string;
        };
        WebhookDeliveryWithLog: {
            batch_id: string | null;
            /** @description Unix seconds */
            created_at: number;
            /** @description null for the `webhook_url` of a job or batch. */
            endpoint_id: string | null;
            /** @description The id of the event; every try sends it as `webhook-id`. */
            event_id: string;
            event_type: string;
            failure: ("exhausted" | "gone" | "endpoint_disabled" | "endpoint_deleted" | "secret_missing") | null;
            finished_at: number | null;
            id: string;
            job_id: string | null;
            /** @description The last hundred tries, oldest first. */
            log: {
                /** @description The first 4 kB of the response. */
                answer: string | null;
                duration_ms: number;
                /** @description null when the try succeeded. */
                error: ("url_refused" | "address_refused" | "proxy_failed" | "connection_failed" | "tls_failed" | "timed_out" | "connection_lost" | "invalid_answer" | "redirected" | "refused" | "gone" | "worker_lost" | "run_failed") | null;
                http_status: number | null;
                number: number;
                /** @description Unix seconds */
                started_at: number;
            }[];
            next_try_at: number | null;
            /** @constant */
            object: "webhook_delivery";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            tries: {
                made: number;
                /** @constant */
                max: 8;
                of_schedule: number;
            };
            url: string;
        };
        WebhookDeliveryWithLogInput: {
            batch_id: string | null;
            /** @description Unix seconds */
            created_at: number;
            /** @description null for the `webhook_url` of a job or batch. */
            endpoint_id: string | null;
            /** @description The id of the event; every try sends it as `webhook-id`. */
            event_id: string;
            event_type: string;
            failure: ("exhausted" | "gone" | "endpoint_disabled" | "endpoint_deleted" | "secret_missing") | null;
            finished_at: number | null;
            id: string;
            job_id: string | null;
            /** @description The last hundred tries, oldest first. */
            log: {
                /** @description The first 4 kB of the response. */
                answer: string | null;
                duration_ms: number;
                /** @description null when the try succeeded. */
                error: ("url_refused" | "address_refused" | "proxy_failed" | "connection_failed" | "tls_failed" | "timed_out" | "connection_lost" | "invalid_answer" | "redirected" | "refused" | "gone" | "worker_lost" | "run_failed") | null;
                http_status: number | null;
                number: number;
                /** @description Unix seconds */
                started_at: number;
            }[];
            next_try_at: number | null;
            /** @constant */
            object: "webhook_delivery";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            tries: {
                made: number;
                /** @constant */
                max: 8;
                of_schedule: number;
            };
            url: string;
        };
        WebhookEndpoint: {
            /** @description Unix seconds */
            created_at: number;
            description: string | null;
            disabled_at: number | null;
            disabled_reason: ("requested" | "gone" | "failing") | null;
            events: string[];
            /** @description Unix seconds. Every delivery since then has failed. */
            failing_since: number | null;
            id: string;
            /** @constant */
            object: "webhook_endpoint";
            /** @description Unix seconds. Until then the previous secret signs too. */
            previous_secret_expires_at: number | null;
            /** @enum {string} */
            status: "enabled" | "disabled";
            url: string;
        };
        WebhookEndpointInput: {
            /** @description Unix seconds */
            created_at: number;
            description: string | null;
            disabled_at: number | null;
            disabled_reason: ("requested" | "gone" | "failing") | null;
            events: string[];
            /** @description Unix seconds. Every delivery since then has failed. */
            failing_since: number | null;
            id: string;
            /** @constant */
            object: "webhook_endpoint";
            /** @description Unix seconds. Until then the previous secret signs too. */
            previous_secret_expires_at: number | null;
            /** @enum {string} */
            status: "enabled" | "disabled";
            url: string;
        };
        WebhookEndpointWithSecret: {
            /** @description Unix seconds */
            created_at: number;
            description: string | null;
            disabled_at: number | null;
            disabled_reason: ("requested" | "gone" | "failing") | null;
            events: string[];
            /** @description Unix seconds. Every delivery since then has failed. */
            failing_since: number | null;
            id: string;
            /** @constant */
            object: "webhook_endpoint";
            /** @description Unix seconds. Until then the previous secret signs too. */
            previous_secret_expires_at: number | null;
            /** @description Signs the deliveries. It is shown only this once. */
            secret: string;
            /** @enum {string} */
            status: "enabled" | "disabled";
            url: string;
        };
        WebhookEndpointWithSecretInput: {
            /** @description Unix seconds */
            created_at: number;
            description: string | null;
            disabled_at: number | null;
            disabled_reason: ("requested" | "gone" | "failing") | null;
            events: string[];
            /** @description Unix seconds. Every delivery since then has failed. */
            failing_since: number | null;
            id: string;
            /** @constant */
            object: "webhook_endpoint";
            /** @description Unix seconds. Until then the previous secret signs too. */
            previous_secret_expires_at: number | null;
            /** @description Signs the deliveries. It is shown only this once. */
            secret: string;
            /** @enum {string} */
            status: "enabled" | "disabled";
            url: string;
        };
        WebhookSecret: {
            /** @description Unix seconds */
            created_at: number;
            /** @constant */
            object: "webhook_secret";
            previous_secret_expires_at: number | null;
            rotated_at: number | null;
        };
        WebhookSecretInput: {
            /** @description Unix seconds */
            created_at: number;
            /** @constant */
            object: "webhook_secret";
            previous_secret_expires_at: number | null;
            rotated_at: number | null;
        };
        WebhookSecretShown: {
            /** @description Unix seconds */
            created_at: number;
            /** @constant */
            object: "webhook_secret";
            previous_secret_expires_at: number | null;
            rotated_at: number | null;
            /** @description Signs the deliveries. It is shown only this once. */
            secret: string;
        };
        WebhookSecretShownInput: {
            /** @description Unix seconds */
            created_at: number;
            /** @constant */
            object: "webhook_secret";
            previous_secret_expires_at: number | null;
            rotated_at: number | null;
            /** @description Signs the deliveries. It is shown only this once. */
            secret: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
