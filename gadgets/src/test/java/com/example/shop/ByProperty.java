package com.example.shop;

import java.io.Serializable;
import java.util.Comparator;

/** What commons-beanutils' BeanComparator does, written by the application itself. */
@SuppressWarnings("serial")
public final class ByProperty implements Comparator<Object>, Serializable {
    private String getter;

    @Override
    public int compare(Object a, Object b) {
        return getter == null ? 0 : valueOf(a).compareTo(valueOf(b));
    }

    private String valueOf(Object bean) {
        try {
            return String.valueOf(bean.getClass().getMethod(getter).invoke(bean));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
