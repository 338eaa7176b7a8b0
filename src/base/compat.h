/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  What differs between PostgreSQL 15 and 18, and nothing else.
 *
 * The only file of the project that asks for PG_VERSION_NUM.  Code elsewhere
 * is written against the newest supported version's names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TDP_COMPAT_H
#define TDP_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "tdp supports PostgreSQL 15 to 18"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16 gave input functions soft errors; before, each error is a hard one. */
#if PG_VERSION_NUM < 160000
#define ereturn(context, value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return value; \
	} while (0)
#endif

#ifndef palloc_array
#define palloc_object(type) ((type *) palloc(sizeof(type)))
#define palloc0_object(type) ((type *) palloc0(sizeof(type)))
#define palloc_array(type, count) ((type *) palloc(sizeof(type) * (count)))
#define palloc0_array(type, count) ((type *) palloc0(sizeof(type) * (count)))
#define repalloc_array(pointer, type, count) \
	((type *) repalloc(pointer, sizeof(type) * (count)))
#endif

/* 18 lets a deferrable key be asked for, which is no use to us. */
#if PG_VERSION_NUM >= 180000
#define relation_primary_key(relation) RelationGetPrimaryKeyIndex(relation, false)
#else
#define relation_primary_key(relation) RelationGetPrimaryKeyIndex(relation)
#endif

/* 16 asks about ownership and privileges of all kinds by one function. */
#if PG_VERSION_NUM >= 160000
#define table_owner_rights(table, role) \
	object_ownercheck(RelationRelationId, table, role)
#define schema_create_rights(namespace, role) \
	(object_aclcheck(NamespaceRelationId, namespace, role, ACL_CREATE) == ACLCHECK_OK)
#define function_execute_rights(function, role) \
	(object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK)
#define qualified_name_list(string) stringToQualifiedNameList(string, NULL)
#else
#define table_owner_rights(table, role) pg_class_ownercheck(table, role)
#define schema_create_rights(namespace, role) \
	(pg_namespace_aclcheck(namespace, role, ACL_CREATE) == ACLCHECK_OK)
#define function_execute_rights(function, role) \
	(pg_proc_aclcheck(function, role, ACL_EXECUTE) == ACLCHECK_OK)
#define qualified_name_list(string) stringToQualifiedNameList(string)
#endif

/* 18 names a module and its version for pg_get_loaded_modules(). */
#if PG_VERSION_NUM >= 180000
#define TDP_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "tdp", .version = TDP_VERSION)
#else
#define TDP_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* 18: a virtual generated column has no value in a trigger's row. */
#if PG_VERSION_NUM >= 180000
#define attribute_is_virtual(attribute) \
	((attribute)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define attribute_is_virtual(attribute) false
#endif

#endif							/* TDP_COMPAT_H */
