/** The body of `GET /openapi.json`: an OpenAPI 3.1 document. */
import { Type, type Static } from '@sinclair/typebox';
import { AnyMembers } from '../typebox';

export const OpenApiDocumentSchema = Type.Object(
  {
    openapi: Type.String(),
    info: Type.Object({ title: Type.String(), version: Type.String(), description: Type.String() }),
    /** By path and lower-case method. */
    paths: Type.Record(Type.String(), Type.Record(Type.String(), AnyMembers())),
    components: Type.Object({
      securitySchemes: Type.Record(Type.String(), AnyMembers()),
      schemas: Type.Record(Type.String(), AnyMembers()),
    }),
  },
  { $id: 'OpenApiDocument' },
);
export type OpenApiDocument = Static<typeof OpenApiDocumentSchema>;
